import GatewayTesting

/// Paths of the upstream's methods, and messages made by hand.
enum MLTraining {
    static let service = "/viam.app.mltraining.v1.MLTrainingService"
    static let getJob = service + "/GetTrainingJob"
    static let submit = service + "/SubmitTrainingJob"

    /// A `GetTrainingJobResponse` with a job of this id.
    static func job(id: String) -> [UInt8] {
        ProtobufFixture.message { response in response.message(1) { $0.string(7, id) } }
    }

    /// The id in a request whose field 1 is the id and comes first.
    static func id(in request: RecordedRequest) -> String {
        guard let message = request.messages.first, message.count >= 2, message[0] == 0x0A else { return "" }
        return String(decoding: message.dropFirst(2).prefix(Int(message[1])), as: UTF8.self)
    }
}
