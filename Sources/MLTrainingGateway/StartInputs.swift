import Gateway
import Glibc
import Settings

/// What the process was started with: its arguments, and what its environment has for it.
///
/// Read once, before there are other threads: the environment cannot be looked at safely beside them. A reload goes by the
/// same.
struct StartInputs {
    /// Those of the command, without its name.
    let arguments: [String]
    /// Those that may be settings.
    let variables: [String: String]
    let secrets: EnvironmentSecrets

    /// Takes the secrets out of the environment, and `flag`, which is no setting, out of the arguments.
    init(without flag: String? = nil) {
        // The zeroth is the program, the first the command's name.
        arguments = CommandLine.arguments.dropFirst(2).filter { $0 != flag }
        variables = InputEnvironment.variables(Setting.variablePrefix)
        secrets = EnvironmentSecrets()
    }
}
