"""What has to agree between the objects of the gateway in Kubernetes, and with the gateway itself."""

import functools
import pathlib
import re

import yaml

from harness import expect, path, run
from kube_schemas import quantity, seconds

NAME_LABEL = "app.kubernetes.io/name"
# What each key of the Ingress controller means; others would be passed over in silence.
ANNOTATIONS = {"nginx.ingress.kubernetes.io/proxy-read-timeout", "nginx.ingress.kubernetes.io/proxy-body-size"}
POD_SECURITY = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}
# What the admin listener answers, which a running gateway is asked for too.
PROBES = {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
METRICS = "/metrics"
IN_FLIGHT = "mltraining_gateway_requests_in_flight"
NAMES = {"mltraining-gateway", "mltraining-gateway-admin", "default-deny"}
# What docs/capacity.md measured: at the start, for each connection, for each list of 1,000 jobs on its way.
MEMORY = (25 * 2**20, 17 * 2**10, 780 * 2**10)
# Seconds of CPU that a small answer costs at 1,000 a second, by the same page.
CPU = 35e-6
# What Kubernetes takes for a probe's numbers that are not there.
PROBE = {"periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3}
# Where the upstream is not: private networks, those of providers, and of the machine itself.
PRIVATE = {"0.0.0.0/0": {"10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"},
           "::/0": {"fc00::/7", "fe80::/10"}}
# Header fields that proxies pass on as clients sent them, and that the gateway believes of the proxy.
CLAIMS = ["Forwarded", "X-Forwarded-Prefix"]
# Volumes of the restricted profile of the Pod Security Standards.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


class Cluster:
    """The objects of one rendering, by kind and name."""

    def __init__(self, objects: list[dict], keys: pathlib.Path):
        """`keys` stands for the Secret: a folder with the files that it would have."""
        self.objects = objects
        self.keys = keys
        self.deployment = self.one("Deployment")
        self.template = self.deployment["spec"]["template"]
        self.pod = self.template["spec"]
        expect(len(self.pod["containers"]) == 1, "one container")
        self.container = self.pod["containers"][0]
        self.ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}

    def all(self, kind: str) -> list[dict]:
        return [thing for thing in self.objects if thing["kind"] == kind]

    def one(self, kind: str) -> dict:
        found = self.all(kind)
        expect(len(found) == 1, f"{len(found)} objects of the kind {kind}")
        return found[0]

    def named(self, kind: str, name: str) -> dict:
        found = [thing for thing in self.all(kind) if thing["metadata"]["name"] == name]
        expect(len(found) == 1, f"there is no {kind} {name}")
        return found[0]

    def environment(self) -> dict[str, str]:
        """The container's variables, with the files of the Secret where they are here."""
        mounts = {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}
        variables = {variable["name"]: variable["value"] for variable in self.container.get("env", ())}
        for volume in self.pod["volumes"]:
            if "secret" in volume:
                variables = {name: value.replace(mounts[volume["name"]] + "/", f"{self.keys}/")
                             for name, value in variables.items()}
        return variables

    def configuration(self) -> str:
        """The file of --config, as the ConfigMap of the volume has it."""
        *command, config = self.container["args"]
        expect(command == ["serve", "--config"], f"the arguments are {command}")
        folder, file = config.rsplit("/", 1)
        mount = next((mount for mount in self.container["volumeMounts"] if mount["mountPath"] == folder), None)
        expect(mount, f"nothing is mounted at {folder}")
        volume = next((volume for volume in self.pod["volumes"] if volume["name"] == mount["name"]), {})
        return self.named("ConfigMap", volume["configMap"]["name"])["data"][file]

    def settings(self) -> dict[str, object]:
        """All options as `check` understands them."""
        return checked(self.configuration(), tuple(sorted(self.environment().items())), self.keys.parent)


@functools.cache
def checked(configuration: str, environment: tuple[tuple[str, str], ...], work: pathlib.Path) -> dict[str, object]:
    file = work / "gateway.yaml"
    file.write_text(configuration)
    return yaml.safe_load(run(path("GATEWAY"), "check", "--config", file, env=dict(environment)).stdout)


def check_names(cluster: Cluster) -> None:
    """Labels, selectors, names of ports and references lead to one another."""
    namespace = cluster.one("Namespace")
    expect(POD_SECURITY.items() <= namespace["metadata"]["labels"].items(), "the namespace's labels for pod security")
    for thing in cluster.objects:
        expect(thing["metadata"]["labels"].get(NAME_LABEL) == "mltraining-gateway", f"{thing['kind']} lacks its label")
        known = {NAME_LABEL, "app.kubernetes.io/component"} | set(POD_SECURITY)
        expect(set(thing["metadata"]["labels"]) <= known, f"labels of {thing['kind']}: {thing['metadata']['labels']}")
        expect(set(thing["metadata"].get("annotations", ())) <= ANNOTATIONS, f"annotations of {thing['kind']}")
        if thing is not namespace:
            name = thing["metadata"]["name"]
            expect(name in NAMES or thing["kind"] == "ConfigMap", f"the name {name} of {thing['kind']}")
            expect(thing["metadata"]["namespace"] == namespace["metadata"]["name"], f"{thing['kind']}'s namespace")
    labels = cluster.template["metadata"]["labels"]
    selectors = {
        "Deployment": cluster.deployment["spec"]["selector"]["matchLabels"],
        "PodDisruptionBudget": cluster.one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        "NetworkPolicy": policy(cluster)["spec"]["podSelector"]["matchLabels"],
    }
    for index, constraint in enumerate(cluster.pod["topologySpreadConstraints"]):
        selectors[f"topologySpreadConstraints[{index}]"] = constraint["labelSelector"]["matchLabels"]
        expect(constraint["matchLabelKeys"] == ["pod-template-hash"], "spread over roll-outs")
    for service in cluster.all("Service"):
        selectors[service["metadata"]["name"]] = service["spec"]["selector"]
        for port in service["spec"]["ports"]:
            expect(port["targetPort"] in cluster.ports, f"no container port {port['targetPort']}")
            expect(port["name"] == port["targetPort"], f"{port['name']} leads to {port['targetPort']}")
    for what, selector in selectors.items():
        expect(selector and selector.items() <= labels.items(), f"{what} selects {selector}, the pods have {labels}")
    topologies = [constraint["topologyKey"] for constraint in cluster.pod["topologySpreadConstraints"]]
    expect(topologies == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"], f"spread over {topologies}")
    expect([constraint["whenUnsatisfiable"] for constraint in cluster.pod["topologySpreadConstraints"]] ==
           ["ScheduleAnyway"] * 2, "pods could not be placed at all")
    mounts = {mount["name"] for mount in cluster.container["volumeMounts"]}
    expect(mounts == {volume["name"] for volume in cluster.pod["volumes"]}, "volumes and what is mounted")


def policy(cluster: Cluster) -> dict:
    return next((thing for thing in cluster.all("NetworkPolicy") if thing["spec"]["podSelector"]), {})


def check_traffic(cluster: Cluster) -> None:
    """Ports and timeouts on the way from clients and Prometheus to the gateway, and to its upstream."""
    settings, spec = cluster.settings(), policy(cluster)["spec"]
    for option, port in (("listen", "http"), ("admin-listen", "admin")):
        expect(settings[option] == f"0.0.0.0:{cluster.ports[port]}", f"{option} is {settings[option]}")
    denied = [thing for thing in cluster.all("NetworkPolicy") if thing["spec"] == {
        "podSelector": {}, "policyTypes": ["Ingress", "Egress"]}]
    expect(len(denied) == 1 and spec["policyTypes"] == ["Ingress", "Egress"], "what no policy allows is not denied")
    allowed = {}
    for rule in spec["ingress"]:
        for port in rule["ports"]:
            allowed.setdefault(port["port"], []).append(rule["from"])
    namespaces = {"http": ({"ingress-nginx"}, {"gateway"}), "admin": ({"monitoring"},)}
    expect(set(allowed) == set(cluster.ports), f"the NetworkPolicy lets through to {sorted(allowed)}")
    for port, peers in allowed.items():
        selected = {peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
                    for sources in peers for peer in sources}
        expect(selected in namespaces[port], f"{port} is open to {selected}")
    dns, upstream = spec["egress"]
    expect([(port["port"], port["protocol"]) for port in dns["ports"]] == [(53, "UDP"), (53, "TCP")], "DNS")
    expect(dns["to"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                          "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}], f"DNS goes to {dns['to']}")
    targets = {re.fullmatch(r"https://[^:]+:(\d+)", target)[1] for target in settings["upstream"]}
    expect({str(port["port"]) for port in upstream["ports"]} == targets, f"the upstream's port is {targets}")
    expect({port["protocol"] for port in upstream["ports"]} == {"TCP"}, "the upstream's protocol")
    networks = {peer["ipBlock"]["cidr"]: set(peer["ipBlock"]["except"]) for peer in upstream["to"]}
    expect(networks == PRIVATE, f"the upstream's networks are {networks}")
    check_entry(cluster, settings)
    for monitor in cluster.all("ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        services = [service for service in cluster.all("Service") if wanted <= service["metadata"]["labels"].items()]
        expect(len(services) == 1, f"the ServiceMonitor selects {len(services)} services")
        ports = {port["name"]: port["targetPort"] for port in services[0]["spec"]["ports"]}
        expect([ports.get(endpoint["port"]) for endpoint in monitor["spec"]["endpoints"]] == ["admin"], "its port")
        expect([endpoint["path"] for endpoint in monitor["spec"]["endpoints"]] == [METRICS], "the metrics' path")
        job = services[0]["metadata"]["labels"].get(monitor["spec"]["jobLabel"])
        expect(job == "mltraining-gateway", f"the job is called {job}")
        expect(services[0]["spec"]["publishNotReadyAddresses"], "pods that are not ready would have no metrics")
        expect(services[0]["spec"]["clusterIP"] == "None", "a pod's metrics are asked of the pod itself")


def check_entry(cluster: Cluster, settings: dict[str, object]) -> None:
    """The Ingress or the HTTPRoute: it leads to the gateway's port for clients, and waits longer than the gateway."""
    entries = cluster.all("Ingress") + cluster.all("HTTPRoute")
    expect(len(entries) == 1, f"there are {len(entries)} ways in")
    spec = entries[0]["spec"]
    if entries[0]["kind"] == "Ingress":
        backend = spec["rules"][0]["http"]["paths"][0]["backend"]["service"]
        service = cluster.named("Service", backend["name"])
        port = next((port for port in service["spec"]["ports"] if port["name"] == backend["port"]["name"]), None)
        annotations = {key.split("/")[1]: value for key, value in entries[0]["metadata"]["annotations"].items()}
        timeout = annotations["proxy-read-timeout"]
        body = quantity(annotations["proxy-body-size"].replace("m", "Mi"))
        expect(body > settings["max-body-bytes"], "the Ingress refuses bodies that the gateway takes")
        expect([spec["rules"][0]["host"]] == spec["tls"][0]["hosts"], "the host of the certificate")
        expect(spec["tls"][0]["secretName"] == spec["rules"][0]["host"].replace(".", "-"), "the certificate")
        path_match = spec["rules"][0]["http"]["paths"][0]
        expect((path_match["path"], path_match["pathType"]) == ("/", "Prefix"), "the paths")
        expect(spec["ingressClassName"] == "nginx", "the annotations are nginx'")
    else:
        backend = spec["rules"][0]["backendRefs"][0]
        service = cluster.named("Service", backend["name"])
        port = next((port for port in service["spec"]["ports"] if port["port"] == backend["port"]), None)
        timeout = spec["rules"][0]["timeouts"]["request"]
        expect(spec["rules"][0]["matches"] == [{"path": {"type": "PathPrefix", "value": "/"}}], "the paths")
        expect(spec["rules"][0]["filters"] == [{"type": "RequestHeaderModifier",
                                                "requestHeaderModifier": {"remove": CLAIMS}}], "clients' own claims")
        expect(spec["parentRefs"] == [{"name": "public", "namespace": "gateway"}], "the Gateway")
    expect(port and port["targetPort"] == port["appProtocol"] == "http", f"{backend} is not the clients' port")
    expect(seconds(timeout) > settings["max-deadline"], f"{timeout} s are over before the gateway gives up")


def check_life(cluster: Cluster) -> None:
    """Starting, stopping, and how many there are."""
    settings, spec = cluster.settings(), cluster.deployment["spec"]
    for probe, answered in PROBES.items():
        ask = cluster.container[probe]["httpGet"]
        expect((ask["path"], ask["port"]) == (answered, "admin"), f"{probe} asks {ask['port']} for {ask['path']}")
    for probe, least, most in (("startupProbe", 10, 60), ("readinessProbe", 2, 10), ("livenessProbe", 30, 120)):
        numbers = {**PROBE, **cluster.container[probe]}
        patience = numbers["periodSeconds"] * numbers["failureThreshold"]
        expect(least <= patience <= most, f"{probe} fails after {patience} s")
        expect(probe == "startupProbe" or 2 <= numbers["timeoutSeconds"] <= 5, f"{probe}'s timeout")
    command = cluster.container["lifecycle"]["preStop"]["exec"]["command"]
    expect(command[:-1] == ["sleep"], f"preStop: {command}")
    expect(2 <= seconds(command[1]) <= 30, f"proxies have {command[1]} s to hear that the pod goes")
    longest = seconds(command[1]) + settings["shutdown-delay"] + settings["shutdown-grace"]
    expect(spec["template"]["spec"]["terminationGracePeriodSeconds"] >= longest + 5, f"a stop may take {longest} s")
    expect(spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}, "a roll-out begins with fewer")
    expect("replicas" not in spec, "the Deployment and the autoscaler would both say how many pods there are")
    scaler = cluster.one("HorizontalPodAutoscaler")["spec"]
    scaled = cluster.deployment
    expect(scaler["scaleTargetRef"] == {"apiVersion": scaled["apiVersion"], "kind": scaled["kind"],
                                        "name": scaled["metadata"]["name"]}, "what is scaled")
    expect(1 < scaler["minReplicas"] < scaler["maxReplicas"] <= 100, "how many pods")
    expect(60 <= scaler["behavior"]["scaleDown"]["stabilizationWindowSeconds"] <= 3600, "how soon there are fewer")
    by_pod, by_cpu = scaler["metrics"]
    expect((by_pod["type"], by_pod["pods"]["target"]["type"]) == ("Pods", "AverageValue"), "the first metric")
    expect(by_pod["pods"]["metric"]["name"] == IN_FLIGHT, "the metric of the autoscaler")
    expect((by_cpu["type"], by_cpu["resource"]["target"]["type"], by_cpu["resource"]["name"]) ==
           ("Resource", "Utilization", "cpu"), "the second metric")
    # A share of them each, so that a pod takes over from one that goes before any request is refused.
    expect(50 <= by_cpu["resource"]["target"]["averageUtilization"] <= 90, "the share of the CPU that is asked for")
    average = quantity(by_pod["pods"]["target"]["averageValue"])
    expect(average >= 50, f"there is another pod for {average} requests in flight")
    expect(average * 2 <= settings["max-requests-in-flight"], f"pods have {average} requests in flight on average")
    resources = cluster.container["resources"]
    expect(set(resources["requests"]) == {"cpu", "memory"} and set(resources["limits"]) == {"memory"}, f"{resources}")
    expect(quantity(resources["requests"]["cpu"]) <= settings["workers"], "a worker takes one core at most")
    expect(quantity(resources["requests"]["cpu"]) >= 1000 * CPU, "the CPU for 1,000 requests a second")
    expect(quantity(resources["requests"]["memory"]) <= quantity(resources["limits"]["memory"]), "the limit of memory")
    most = MEMORY[0] + MEMORY[1] * settings["max-connections"] + MEMORY[2] * settings["max-requests-in-flight"]
    expect(most <= quantity(resources["limits"]["memory"]), f"it may come to take {most / 2**20:.0f} MiB")
    budget = cluster.one("PodDisruptionBudget")["spec"]
    expect(budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow" and budget["maxUnavailable"] == 1, "disruptions")


def check_pod_security(cluster: Cluster) -> None:
    """The restricted profile of the Pod Security Standards, and a read-only root, which it does not ask for."""
    pod = cluster.pod
    expect(not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), "the pod shares the node's namespaces")
    expect(not {"initContainers", "ephemeralContainers"} & set(pod), "there are containers that nothing here looks at")
    for volume in pod["volumes"]:
        expect(set(volume) - {"name"} <= VOLUMES, f"a volume of the kind {set(volume) - {'name'}}")
    both = {**pod["securityContext"], **cluster.container["securityContext"]}
    expect(both["runAsNonRoot"] is True and both["runAsUser"] == both["runAsGroup"] == 65532, "it may run as root")
    expect(both["seccompProfile"] == {"type": "RuntimeDefault"}, "seccomp")
    expect(both["allowPrivilegeEscalation"] is False and not both.get("privileged"), "it may get privileges")
    expect(both["capabilities"] == {"drop": ["ALL"]}, f"capabilities {both['capabilities']}")
    expect(not {"sysctls", "procMount", "seLinuxOptions", "windowsOptions"} & set(both), "it changes the kernel")
    expect(not any("hostPort" in port for port in cluster.container["ports"]), "a port of the node")
    expect(both["readOnlyRootFilesystem"] is True, "the root can be written to")
    expect(pod["automountServiceAccountToken"] is False, "it gets a token of the cluster's")
    for volume in pod["volumes"]:
        if "secret" in volume:
            expect(volume["secret"]["defaultMode"] == 0o440 and both["fsGroup"] == both["runAsGroup"], "the keys' mode")
            expect(volume["secret"]["secretName"] == "mltraining-gateway-keys", "the Secret's name")


CHECKS = {
    "names, labels, selectors and references lead to one another": check_names,
    "ports, networks and timeouts agree from clients to the upstream": check_traffic,
    "a stop has the time that it may take; the autoscaler's and the container's numbers agree": check_life,
    "the restricted profile of the Pod Security Standards, and a read-only root": check_pod_security,
}
