import Bytes
import Settings
import Transcoding

/// The configuration as `/config` shows it.
enum ConfigurationListing {
    /// `{"listen": {"value": "127.0.0.1:8080", "from": "default"}, …}`, by the names of options.
    ///
    /// A value is a text, true or false, a list of texts, or null. No option is a secret by itself; what a URL has in
    /// front of its host might be one, and is left out.
    static func json(_ effective: EffectiveSettings) -> String {
        var json = ByteBuffer(capacity: 4096)
        json.append("{")
        for (index, entry) in effective.entries.enumerated() {
            if index > 0 { json.append(",") }
            json.appendJSONString(entry.setting.name)
            json.append(":{\"value\":")
            append(entry, to: &json)
            json.append(",\"from\":")
            json.appendJSONString(entry.origin?.description ?? "default")
            json.append("}")
        }
        json.append("}")
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func append(_ entry: EffectiveSettings.Entry, to json: inout ByteBuffer) {
        let values = entry.values?.map(SettingRedaction.redacted)
        switch entry.setting.kind {
        case .list:
            json.append("[")
            for (index, value) in (values ?? []).enumerated() {
                if index > 0 { json.append(",") }
                json.appendJSONString(value)
            }
            json.append("]")
        case .toggle:
            json.append(values == ["true"] ? "true" : "false")
        case .text, .number, .wholeNumber:
            if let value = values?.first { json.appendJSONString(value) } else { json.append("null") }
        }
    }
}
