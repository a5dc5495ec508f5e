/// What a request by OPTIONS is answered that upstream does not get.
struct OptionsAnswer {
    /// Value of `Allow`: all methods of the resource, OPTIONS among them.
    let allow: String
    /// Whether a browser asks for leave to make a request from another origin.
    let isPreflight: Bool
}
