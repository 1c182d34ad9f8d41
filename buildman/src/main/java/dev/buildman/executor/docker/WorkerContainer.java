package dev.buildman.executor.docker;

import com.github.dockerjava.api.model.Bind;
import dev.buildman.config.ConfigMap;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.AgentKind;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The container that a worker is.
 *
 * @param user of the agent, {@code uid[:gid]}; empty: the image's own
 * @param network of the daemon; empty: the daemon's usual one
 * @param memory limit in bytes, swap included
 * @param nanoCpus limit in billionths of a processor
 * @param daemon {@code DOCKER_HOST} of the agent, for engines that need one; empty: none is given
 * @param files certificates that are handed over beside the token, by the name in the worker
 */
record WorkerContainer(
    String user,
    String network,
    Confinement confinement,
    long memory,
    long nanoCpus,
    long pids,
    List<Bind> volumes,
    Optional<String> daemon,
    Map<String, Path> files) {

  /** The agent's user in our image, and its group. */
  static final long USER = 1000;

  // What Quay gives the containers of its Kubernetes executor, and processes enough for a big make.
  private static final long MEMORY = 5L << 30;
  private static final int PIDS = 4096;
  private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);

  WorkerContainer {
    volumes = List.copyOf(volumes);
    files = Map.copyOf(files);
  }

  static WorkerContainer parse(ConfigMap map, ExecutorSettings common) {
    boolean ours = common.agent() == AgentKind.OURS;
    Map<String, Path> files = new LinkedHashMap<>();
    map.file("CA_CERT").ifPresent(file -> files.put("ca.crt", file));
    map.file("EXTRA_CA_CERTS").ifPresent(file -> files.put("extra-ca.crt", file));
    return new WorkerContainer(
        map.as("USER", WorkerContainer::user).orElse(ours ? USER + ":" + USER : ""),
        map.text("NETWORK", ""),
        map.choice("ISOLATION", ours ? Confinement.UNCONFINED : Confinement.RESTRICTED),
        map.size("MEMORY_LIMIT", MEMORY),
        map.as("CPU_LIMIT", WorkerContainer::nanos).orElse(NANOS.longValueExact()),
        map.integer("PIDS_LIMIT", PIDS, 16, 4_194_304),
        volumes(map),
        map.text("WORKER_DOCKER_HOST"),
        files);
  }

  private static List<Bind> volumes(ConfigMap map) {
    List<Bind> volumes = new ArrayList<>();
    map.values("VOLUMES")
        .forEach(value -> value.as(WorkerContainer::volume).ifPresent(volumes::add));
    return volumes;
  }

  private static Bind volume(String text) {
    String[] parts = text.split(":", -1);
    boolean whole = (parts.length == 2 || parts.length == 3) && parts[1].startsWith("/");
    if (!whole || parts[0].isEmpty()) {
      throw new IllegalArgumentException(
          "is no volume; give name:/path/in/worker or /path/on/host:/path/in/worker, and :ro for"
              + " one that is only read");
    }
    return Bind.parse(text);
  }

  private static String user(String text) {
    if (!text.matches("[0-9]{1,10}(:[0-9]{1,10})?")) {
      throw new IllegalArgumentException("is no user; give a number, or user:group as numbers");
    }
    return text;
  }

  private static long nanos(String text) {
    try {
      long nanos = new BigDecimal(text).multiply(NANOS).longValue();
      if (nanos > 0) {
        return nanos;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("is no number of processors, such as 1 or 2.5", e);
    }
    throw new IllegalArgumentException("must be more than nothing");
  }
}
