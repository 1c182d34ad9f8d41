package dev.buildman.executor.kubernetes;

import dev.buildman.config.ConfigMap;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.math.BigDecimal;

/**
 * What a worker asks for and may use. Both are always set: a namespace with a quota refuses pods
 * that do not say (K9).
 *
 * @param volume limit of all that the worker writes
 */
record Resources(
    Quantity memoryRequest,
    Quantity memoryLimit,
    Quantity cpuRequest,
    Quantity cpuLimit,
    Quantity volume) {

  // What a small build writes. The limit is the volume's: to reserve that much would leave most of
  // a node's disk unused, to reserve nothing makes the pod the first to be evicted.
  private static final Quantity DISK_REQUEST = new Quantity("2Gi");

  // The machine's own disk grows in the pod; the copy of its image and the logs come on top.
  private static final long DISK_BESIDE_MACHINE = 2L << 30;
  // With Quay's 4G this is Quay's 5120Mi.
  private static final long MEMORY_BESIDE_MACHINE = 1L << 30;

  static Resources parse(ConfigMap map) {
    return of(map, quantity(map, "VOLUME_SIZE", "32G"), new Quantity("5120Mi"));
  }

  /** Of a pod that boots a machine: its memory and disk, and what the emulator needs beside. */
  static Resources ofMachine(ConfigMap map, VirtualMachine machine) {
    Quantity disk = mebibytes(VirtualMachine.bytes(machine.disk()) + DISK_BESIDE_MACHINE);
    Quantity memory = mebibytes(VirtualMachine.bytes(machine.memory()) + MEMORY_BESIDE_MACHINE);
    Resources resources = of(map, disk, memory);
    long limit = resources.memoryLimit.getNumericalAmount().longValue();
    if (limit <= VirtualMachine.bytes(machine.memory())) {
      map.problem(
          "VM_MEMORY_LIMIT",
          "%s of a machine do not fit into CONTAINER_MEMORY_LIMITS (%s)"
              .formatted(machine.memory(), resources.memoryLimit));
    }
    return resources;
  }

  private static Resources of(ConfigMap map, Quantity volume, Quantity memoryLimit) {
    Quantity limit = quantity(map, "CONTAINER_MEMORY_LIMITS", memoryLimit.toString());
    Resources resources =
        new Resources(
            quantity(map, "CONTAINER_MEMORY_REQUEST", "3968Mi"),
            limit,
            quantity(map, "CONTAINER_CPU_REQUEST", "500m"),
            quantity(map, "CONTAINER_CPU_LIMITS", "1000m"),
            volume);
    resources.compare(map, "CONTAINER_MEMORY", resources.memoryRequest, resources.memoryLimit);
    resources.compare(map, "CONTAINER_CPU", resources.cpuRequest, resources.cpuLimit);
    return resources;
  }

  private static Quantity mebibytes(long bytes) {
    return new Quantity((bytes >> 20) + "Mi");
  }

  private static Quantity quantity(ConfigMap map, String key, String fallback) {
    return map.as(key, Resources::parse).orElseGet(() -> new Quantity(fallback));
  }

  private static Quantity parse(String text) {
    Quantity quantity;
    BigDecimal amount;
    try {
      quantity = Quantity.parse(text);
      amount = quantity.getNumericalAmount();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "is no quantity of Kubernetes, such as 500m, 3968Mi or 4G", e);
    }
    if (amount.signum() <= 0) {
      throw new IllegalArgumentException("must be more than nothing");
    }
    return quantity;
  }

  private void compare(ConfigMap map, String key, Quantity request, Quantity limit) {
    if (request.getNumericalAmount().compareTo(limit.getNumericalAmount()) > 0) {
      map.problem(
          key + "_REQUEST", "%s is more than %s_LIMITS (%s)".formatted(request, key, limit));
    }
  }

  ResourceRequirements requirements() {
    Quantity disk =
        DISK_REQUEST.getNumericalAmount().compareTo(volume.getNumericalAmount()) < 0
            ? DISK_REQUEST
            : volume;
    return new ResourceRequirementsBuilder()
        .addToRequests("memory", memoryRequest)
        .addToRequests("cpu", cpuRequest)
        .addToRequests("ephemeral-storage", disk)
        .addToLimits("memory", memoryLimit)
        .addToLimits("cpu", cpuLimit)
        .addToLimits("ephemeral-storage", volume)
        .build();
  }
}
