package dev.buildman.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.engine.BusyboxImage;
import dev.buildman.agent.engine.TestImages;
import dev.buildman.agent.engine.TestImages.Item;
import dev.buildman.agent.link.TestManager;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.MediaTypes;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.registry.TransferProgress;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.testing.ContainerDaemon;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.Phase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Builds in which nothing has changed: a whole agent, from its start to its exit, beside the
 * engine's own program doing the same in the same minutes, taking turns. Image copies beside {@code
 * skopeo copy}. By the clock and by the processor: what both spend on their own processes, without
 * the daemon's share. Prints figures and asserts none; no build runs it. Needs the distribution:
 * give {@code -Dbuildman.distribution=true} where a quick run would start the agent from classes.
 */
final class EngineOverheadBench {
  private static final int ROUNDS = Integer.getInteger("buildman.bench.rounds", 5);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Of the agents' JVMs, as to record them. */
  private static final String OPTIONS = System.getProperty("buildman.bench.java", "");

  /** Bytes of the base image beside its programs: what a small distribution weighs. */
  private static final int BASE = 48 << 20;

  private static final String TAG = "v1";

  /** Of Linux, everywhere: a tick of the processor's time in /proc. */
  private static final int TICK_MILLIS = 10;

  @TempDir private Path folder;
  private DockerRegistry registry;
  private final List<DockerRegistry> targets = new ArrayList<>();
  private String base;
  private int nextTarget;
  private int runs;
  private final List<Long> starts = new ArrayList<>();
  private final List<Long> ends = new ArrayList<>();

  /** What one run took: milliseconds by the clock, and of processors. */
  private record Took(long millis, long processor) {}

  @BeforeEach
  void startRegistry() throws Exception {
    registry = DockerRegistry.start(Files.createDirectory(folder.resolve("registry")));
    base = registry.host() + "/base/image:1";
    heavy(ImageReference.parse(base));
  }

  @AfterEach
  void stopRegistries() throws Exception {
    registry.close();
    for (DockerRegistry target : targets) {
      target.close();
    }
  }

  /** A layer that does not shrink beside the shell's. */
  private static void heavy(ImageReference image) throws Exception {
    BusyboxImage.push(image, CredentialStore.none());
    byte[] noise = new byte[BASE];
    new Random(1).nextBytes(noise);
    byte[] layer =
        TestImages.tar(List.of(Item.file("noise", new String(noise, StandardCharsets.ISO_8859_1))));
    byte[] packed = TestImages.gzip(layer);
    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), CredentialStore.none(), Sleeper.system())) {
      Manifest small = client.manifest(image);
      String json =
          new String(
                  client.readBlob(image.repository(), small.config(), 1 << 20),
                  StandardCharsets.UTF_8)
              .replace("\"diff_ids\":[", "\"diff_ids\":[\"" + Digest.of(layer) + "\",")
              // With its time: buildah finds no step again on a base whose history lacks one.
              .replace(
                  "\"history\":[",
                  "\"history\":[{\"created\":\"2001-09-09T01:46:40Z\",\"created_by\":\"noise\"},");
      byte[] config = json.getBytes(StandardCharsets.UTF_8);
      String text =
          new String(small.bytes(), StandardCharsets.UTF_8)
              .replace(small.config().digest().toString(), Digest.of(config).toString())
              .replace("\"size\":" + small.config().size(), "\"size\":" + config.length)
              .replace(
                  "\"layers\":[",
                  "\"layers\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d},"
                      .formatted(MediaTypes.OCI_LAYER_GZIP, Digest.of(packed), packed.length));
      push(client, image, packed);
      push(client, image, config);
      client.putManifest(
          image, Manifest.parse(MediaTypes.OCI_MANIFEST, text.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static void push(RegistryClient client, ImageReference image, byte[] bytes)
      throws Exception {
    client.pushBlob(
        image.repository(),
        new Descriptor("application/octet-stream", Digest.of(bytes), bytes.length),
        BlobContent.of(bytes),
        null,
        TransferProgress.NONE);
  }

  /** What one of the two does once; returns when it is done. */
  private interface Work {
    void run() throws Exception;
  }

  private void compare(String what, String other, Work ours, Work theirs) throws Exception {
    // Once each for what is only done once: caches of the machine, of the registry, of a daemon.
    ours.run();
    theirs.run();
    starts.clear();
    ends.clear();
    List<Took> mine = new ArrayList<>();
    List<Took> others = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      mine.add(took(ours));
      others.add(took(theirs));
    }
    long a = median(mine.stream().map(Took::millis).toList());
    long b = median(others.stream().map(Took::millis).toList());
    System.out.printf(
        Locale.ROOT,
        "BENCH %s: agent %d ms, %s %d ms, %+d ms, ratio %.2f; best %d and %d ms; processor %d and"
            + " %d ms; of the agent's its start to registration %d ms, after its report %d ms%n",
        what,
        a,
        other,
        b,
        a - b,
        (double) a / b,
        mine.stream().mapToLong(Took::millis).min().orElse(0),
        others.stream().mapToLong(Took::millis).min().orElse(0),
        median(mine.stream().map(Took::processor).toList()),
        median(others.stream().map(Took::processor).toList()),
        median(starts),
        median(ends));
  }

  private static Took took(Work work) throws Exception {
    long processor = ended();
    long began = System.nanoTime();
    work.run();
    return new Took(Duration.ofNanos(System.nanoTime() - began).toMillis(), ended() - processor);
  }

  /** Processor time of the programs that we started and that have ended, with their children. */
  private static long ended() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) * TICK_MILLIS;
  }

  private static long median(List<Long> times) {
    return times.stream().sorted().skip(times.size() / 2).findFirst().orElse(0L);
  }

  private void agent(BuildPack.Builder pack, Map<String, String> engine) throws Exception {
    Path own = Files.createDirectory(folder.resolve("run" + runs++));
    Path work = Files.createDirectory(own.resolve("work"));
    Path token = Files.writeString(own.resolve("token"), "registration");
    try (TestManager manager = new TestManager(pack.build())) {
      manager.cachedTag(TAG);
      Map<String, String> variables = new HashMap<>(AgentProcess.environment(manager, token, work));
      variables.put("AGENT_JAVA_OPTS", OPTIONS);
      variables.putAll(engine);
      long began = System.nanoTime();
      try (AgentProcess agent = AgentProcess.startDistribution(own, variables)) {
        assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isZero();
      }
      starts.add((manager.registeredNanos() - began) / 1_000_000);
      ends.add((System.nanoTime() - manager.phaseNanos()) / 1_000_000);
      assertThat(manager.phases()).last().isEqualTo(Phase.COMPLETE);
    }
  }

  private void shell(String script) throws IOException, InterruptedException {
    Path log = folder.resolve("shell.log");
    Process process =
        new ProcessBuilder("/bin/sh", "-ec", script)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor()).as(() -> text(log)).isZero();
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private BuildPack.Builder pack(String name) {
    return BuildPack.newBuilder()
        .setJobJwt("job")
        .setBuildId("b")
        .setRegistry(registry.host())
        .setRepository("bench/" + name)
        .addTagNames(TAG);
  }

  private BenchContexts contexts() {
    return new BenchContexts(folder, base);
  }

  /** Each has storage of its own, and the steps in the registry. */
  @Test
  void buildah() throws Exception {
    buildah("no-change build on buildah", contexts().small());
    buildah("no-change build of 6 MiB on buildah", contexts().large());
  }

  /** One command of some seconds, which no cache has. */
  @Test
  void buildahThatWorks() throws Exception {
    buildah("build with a busy RUN on buildah", contexts().busy());
  }

  @Test
  void dockerThatWorks() throws Exception {
    Path home = Files.createDirectory(folder.resolve("docker"));
    try (ContainerDaemon daemon = ContainerDaemon.docker(home)) {
      daemon("build with a busy RUN on docker", "docker", daemon, contexts().busy());
    }
  }

  private void buildah(String what, Path context) throws Exception {
    byte[] archive = BenchContexts.archive(context);
    String name = context.getFileName().toString();
    String target = registry.host() + "/bench/cli" + name + ":v1";
    String cache = registry.host() + "/bench/" + name;
    boolean busy = name.equals(BenchContexts.BUSY_NAME);
    String steps =
        busy
            ? "--layers=false --no-cache"
            : "--layers --cache-from %1$scache2 --cache-to %1$scache2".formatted(cache);
    BuildPack.Builder pack = pack("agent" + name).setNoCache(busy);
    if (!busy) {
      pack.addCacheRefs(cache + "cache1").addCacheTo(cache + "cache1");
    }
    String script =
        """
        root=$(mktemp -d "%1$s/storage.XXXX")
        b="buildah --root $root/a --runroot $root/b --storage-driver overlay"
        $b build %2$s --isolation chroot --tls-verify=false -t %3$s %4$s
        $b push --tls-verify=false %3$s
        rm -rf "$root"
        """
            .formatted(folder, steps, target, context);
    try (ScriptedServer packages =
        ScriptedServer.start(call -> ScriptedServer.reply(call, 200, archive))) {
      compare(
          what,
          "buildah build and push",
          () ->
              agent(pack.setPackageUrl(packages.url("/p")), Map.of("CONTAINER_RUNTIME", "buildah")),
          () -> shell(script));
    }
  }

  @Test
  void docker() throws Exception {
    Path home = Files.createDirectory(folder.resolve("docker"));
    try (ContainerDaemon daemon = ContainerDaemon.docker(home)) {
      daemon("no-change build on docker", "docker", daemon, contexts().small());
      daemon("no-change build of 6 MiB on docker", "docker", daemon, contexts().large());
    }
  }

  @Test
  void podman() throws Exception {
    Path home = Files.createDirectory(folder.resolve("podman"));
    try (ContainerDaemon daemon = ContainerDaemon.podman(home, List.of(registry.host()))) {
      daemon("no-change build on podman", "podman", daemon, contexts().small());
    }
  }

  /** The tag of the last build is pulled as a cache by both, and stays in Docker's daemon. */
  private void daemon(String what, String engine, ContainerDaemon daemon, Path context)
      throws Exception {
    byte[] archive = BenchContexts.archive(context);
    String name = context.getFileName().toString();
    String target = registry.host() + "/bench/cli" + name + ":v1";
    boolean busy = name.equals(BenchContexts.BUSY_NAME);
    // Without a cache in a registry an agent takes nothing from an earlier build of Podman's.
    boolean keeps = !engine.equals("podman");
    String script =
        """
        export DOCKER_BUILDKIT=0 DOCKER_HOST=%1$s DOCKER_CONFIG=%2$s
        d=%3$s
        %7$s || $d pull -q %4$s || true
        $d build %6$s -t %4$s %5$s
        $d push %4$s
        %8$s || $d rmi -f %4$s
        """
            .formatted(
                daemon.host(),
                folder,
                Program.DOCKER.path(),
                target,
                context,
                busy ? "--no-cache --pull" : "--cache-from " + target,
                busy,
                keeps);
    try (ScriptedServer packages =
        ScriptedServer.start(call -> ScriptedServer.reply(call, 200, archive))) {
      compare(
          what,
          "docker pull, build and push",
          () ->
              agent(
                  pack("agent" + name).setNoCache(busy).setPackageUrl(packages.url("/p")),
                  Map.of("CONTAINER_RUNTIME", engine, "DOCKER_HOST", daemon.host())),
          () -> shell(script));
    }
  }

  /**
   * To a registry that is new each time, so that every byte has to go: skopeo remembers for good
   * which repository of a registry has a blob, and has it mounted then.
   */
  @Test
  void copies() throws Exception {
    for (int i = 0; i < 2 * (ROUNDS + 1); i++) {
      targets.add(DockerRegistry.start(Files.createDirectory(folder.resolve("target" + i))));
    }
    compare(
        "image copy of " + (BASE >> 20) + " MiB",
        "skopeo copy",
        () ->
            agent(
                pack("copy").setRegistry(fresh()).setSourceImage(base),
                Map.of("CONTAINER_RUNTIME", "embedded")),
        () ->
            shell(
                "skopeo copy --all --src-tls-verify=false --dest-tls-verify=false docker://%s"
                        .formatted(base)
                    + " docker://%s/bench/skopeo:v1".formatted(fresh())));
  }

  private String fresh() {
    return targets.get(nextTarget++).host();
  }
}
