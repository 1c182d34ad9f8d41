package dev.buildman.executor.kubernetes;

import dev.buildman.config.ConfigMap;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.AgentKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pod that a worker is.
 *
 * @param image of the agent, with its tag or digest
 * @param pullSecret name of a Secret of the namespace
 * @param files certificates that are handed over beside the token, by the name in the worker
 * @param keepFinished how long a finished Job stays when nobody deletes it: the last net (K1)
 */
record WorkerPod(
    String image,
    String pullPolicy,
    String pullSecret,
    Optional<String> serviceAccount,
    String dnsPolicy,
    Resources resources,
    Placement placement,
    Isolation isolation,
    String seccompProfile,
    Map<String, String> labels,
    Map<String, String> annotations,
    Map<String, Path> files,
    Duration keepFinished) {

  private static final List<String> PULL_POLICIES = List.of("Always", "IfNotPresent", "Never");
  private static final List<String> DNS_POLICIES =
      List.of("Default", "ClusterFirst", "ClusterFirstWithHostNet", "None");
  private static final List<String> DISTRIBUTIONS = List.of("basic", "openshift");
  private static final String QUAYS_MACHINE = "quay.io/quay/quay-builder-qemu-fedoracoreos:stable";
  private static final String QUAYS_SERVICE_ACCOUNT = "quay-builder-sa";

  /** The pod of an agent. */
  static WorkerPod ofAgent(ConfigMap map, ExecutorSettings common, String ourVersion) {
    String image =
        map.text("BUILDER_CONTAINER_IMAGE")
            .or(() -> map.text("WORKER_IMAGE").map(i -> i + ":" + map.text("WORKER_TAG", "latest")))
            .orElse("buildman/builder-agent:" + ourVersion);
    map.has("WORKER_IMAGE");
    map.has("WORKER_TAG");
    Isolation isolation = map.choice("ISOLATION", Isolation.UNCONFINED);
    if (isolation == Isolation.RESTRICTED && common.agent() == AgentKind.QUAY) {
      map.problem("ISOLATION", "restricted leaves Quay's agent no engine; our agent has one");
    }
    Map<String, Path> files = new LinkedHashMap<>();
    map.file("CA_CERT").ifPresent(file -> files.put("ca.crt", file));
    map.file("EXTRA_CA_CERTS").ifPresent(file -> files.put("extra-ca.crt", file));
    return of(map, common, new Content(image, isolation, Resources.parse(map), files));
  }

  /** The pod that boots a machine: what is handed over lies in the machine's user data. */
  static WorkerPod ofMachine(ConfigMap map, ExecutorSettings common, VirtualMachine machine) {
    String image = map.text("BUILDER_VM_CONTAINER_IMAGE", QUAYS_MACHINE);
    Isolation isolation = map.choice("ISOLATION", Isolation.PRIVILEGED);
    if (isolation != Isolation.PRIVILEGED) {
      map.problem("ISOLATION", "a pod that boots a machine is privileged, to use the node's KVM");
    }
    Resources resources = Resources.ofMachine(map, machine);
    return of(map, common, new Content(image, isolation, resources, Map.of()));
  }

  private record Content(
      String image, Isolation isolation, Resources resources, Map<String, Path> files) {}

  private static WorkerPod of(ConfigMap map, ExecutorSettings common, Content content) {
    boolean openshift =
        map.as("KUBERNETES_DISTRIBUTION", t -> oneOf(DISTRIBUTIONS, t))
            .orElse("basic")
            .equals("openshift");
    return new WorkerPod(
        content.image(),
        map.as("IMAGE_PULL_POLICY", t -> oneOf(PULL_POLICIES, t)).orElse("Always"),
        map.text("IMAGE_PULL_SECRET_NAME", "builder"),
        map.text("SERVICE_ACCOUNT_NAME")
            .or(() -> openshift ? Optional.of(QUAYS_SERVICE_ACCOUNT) : Optional.empty()),
        map.as("DNS_POLICY", t -> oneOf(DNS_POLICIES, t)).orElse("Default"),
        content.resources(),
        Placement.parse(map),
        content.isolation(),
        map.text("SECCOMP_PROFILE", "buildman/builder.json"),
        map.textMap("POD_LABELS"),
        map.textMap("POD_ANNOTATIONS"),
        content.files(),
        common
            .keepFailed()
            .orElse(map.duration("RETENTION_AFTER_FINISHED", Duration.ofSeconds(120))));
  }

  private static String oneOf(List<String> known, String text) {
    return known.stream()
        .filter(text::equals)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("allowed: " + String.join(", ", known)));
  }

  WorkerPod {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    files = Map.copyOf(files);
  }
}
