package import Bytes
package import HTTPRules
internal import ProtobufSchema

extension RequestTranscoder {
    /// Appends the request message to `output`, its body a `google.api.HttpBody` of `data` and `contentType`.
    ///
    /// As ``transcode(body:binding:into:)``, for a route that ``HTTPRules/Route/takesHTTPBody(_:)``. Throws, and leaves
    /// `output` as it was, if `contentType` is not UTF-8 or a parameter is about the body.
    package mutating func transcode(
        httpBody data: UnsafeRawBufferPointer,
        contentType: UnsafeRawBufferPointer,
        binding: BodyBinding,
        into output: inout ByteBuffer
    ) throws(TranscodingError) {
        let start = output.count
        do throws(JSONFault) {
            guard StringScan.isUTF8(contentType) else { throw reject("the content type is not valid UTF-8") }
            guard hasRoomForBody(binding) else {
                throw reject("a parameter sets a part of the body, which is the request's content as it is")
            }
            try append(httpBody: data, contentType, binding, into: &output)
            lengths.resolve(&output)
        } catch {
            output.truncate(to: start)
            let description = describe(error)
            releaseScratch()
            throw description
        }
        releaseScratch()
    }

    private func hasRoomForBody(_ binding: BodyBinding) -> Bool {
        switch binding {
        case .none, .message: parameters.isEmpty && !hasQuery
        case .field(let field): parameters.child(of: 0, field) < 0
        }
    }

    private mutating func append(
        httpBody data: UnsafeRawBufferPointer,
        _ contentType: UnsafeRawBufferPointer,
        _ binding: BodyBinding,
        into output: inout ByteBuffer
    ) throws(JSONFault) {
        guard case .field(let index) = binding else {
            appendContent(data, contentType, into: &output)
            return
        }
        let frame = openFrame(requestType)
        if !data.isEmpty || !contentType.isEmpty {
            let field = tables[index]
            _ = mark(field.pointee.localIndex, from: frame.fields)
            if field.pointee.oneof >= 0 { _ = mark(field.pointee.oneof, from: frame.oneofs) }
            output.appendTag(of: field)
            let sizes = [contentType.count, data.count].filter { $0 > 0 }
            // Both numbers make tags of one byte.
            let length = sizes.reduce(0) { $0 + 1 + ByteBuffer.varintLength(UInt64($1)) + $1 }
            output.appendVarint(UInt64(length))
            appendContent(data, contentType, into: &output)
        }
        try closeFrame(frame, requestType, node: 0, into: &output)
    }

    /// Appends the HttpBody's fields, without those that are empty.
    private func appendContent(
        _ data: UnsafeRawBufferPointer,
        _ contentType: UnsafeRawBufferPointer,
        into output: inout ByteBuffer
    ) {
        for (number, content) in [(HTTPBody.contentTypeNumber, contentType), (HTTPBody.dataNumber, data)]
        where !content.isEmpty {
            output.appendTag(number: number, .lengthDelimited)
            output.appendLengthDelimited(content)
        }
    }
}
