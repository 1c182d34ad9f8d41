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
 * skopeo copy}. Prints figures and asserts none; no build runs it. Needs the distribution: give
 * {@code -Dbuildman.distribution=true} where a quick run would start the agent from classes.
 */
final class EngineOverheadBench {
  private static final int ROUNDS = Integer.getInteger("buildman.bench.rounds", 5);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Bytes of the base image beside its programs: what a small distribution weighs. */
  private static final int BASE = 48 << 20;

  private static final String TAG = "v1";

  @TempDir private Path folder;
  private DockerRegistry registry;
  private String base;
  private int runs;

  @BeforeEach
  void startRegistry() throws Exception {
    registry = DockerRegistry.start(Files.createDirectory(folder.resolve("registry")));
    base = registry.host() + "/base/image:1";
    heavy(ImageReference.parse(base));
  }

  @AfterEach
  void stopRegistry() throws Exception {
    registry.close();
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
              .replace("\"history\":[", "\"history\":[{\"created_by\":\"noise\"},");
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

  private static void compare(String what, String other, Work ours, Work theirs) throws Exception {
    // Once each for what is only done once: caches of the machine, of the registry, of a daemon.
    ours.run();
    theirs.run();
    List<Long> mine = new ArrayList<>();
    List<Long> others = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      mine.add(millis(ours));
      others.add(millis(theirs));
    }
    long a = median(mine);
    long b = median(others);
    System.out.printf(
        Locale.ROOT,
        "BENCH %s: agent %d ms, %s %d ms, %+d ms, ratio %.2f; best %d and %d ms%n",
        what,
        a,
        other,
        b,
        a - b,
        (double) a / b,
        mine.stream().min(Long::compare).orElse(0L),
        others.stream().min(Long::compare).orElse(0L));
  }

  private static long millis(Work work) throws Exception {
    long began = System.nanoTime();
    work.run();
    return Duration.ofNanos(System.nanoTime() - began).toMillis();
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
      variables.putAll(engine);
      try (AgentProcess agent = AgentProcess.startDistribution(own, variables)) {
        assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isZero();
      }
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

  private Path context() throws IOException {
    Path context = Files.createDirectory(folder.resolve("context"));
    Files.writeString(
        context.resolve("Dockerfile"),
        "FROM " + base + "\nCOPY f /f\nRUN echo made > /made\nRUN cat /made /f > /all\n");
    Files.writeString(context.resolve("f"), "f");
    return context;
  }

  private byte[] archive(Path context) throws IOException {
    return TestImages.gzip(
        TestImages.tar(
            List.of(
                Item.file("Dockerfile", Files.readString(context.resolve("Dockerfile"))),
                Item.file("f", "f"))));
  }

  /** Each has storage of its own, and the steps in the registry. */
  @Test
  void buildah() throws Exception {
    Path context = context();
    byte[] archive = archive(context);
    String target = registry.host() + "/bench/cli:v1";
    String cache = registry.host() + "/bench/";
    String script =
        """
        root=$(mktemp -d "%1$s/storage.XXXX")
        b="buildah --root $root/a --runroot $root/b --storage-driver overlay"
        $b build --layers --cache-from %2$scache2 --cache-to %2$scache2 --isolation chroot \
          --tls-verify=false -t %3$s %4$s
        $b push --tls-verify=false %3$s
        rm -rf "$root"
        """
            .formatted(folder, cache, target, context);
    try (ScriptedServer packages =
        ScriptedServer.start(call -> ScriptedServer.reply(call, 200, archive))) {
      compare(
          "no-change build on buildah",
          "buildah build and push",
          () ->
              agent(
                  pack("agent").setPackageUrl(packages.url("/p")).addCacheRefs(cache + "cache1"),
                  Map.of("CONTAINER_RUNTIME", "buildah")),
          () -> shell(script));
    }
  }

  @Test
  void docker() throws Exception {
    Path home = Files.createDirectory(folder.resolve("docker"));
    try (ContainerDaemon daemon = ContainerDaemon.docker(home)) {
      daemon("docker", daemon);
    }
  }

  @Test
  void podman() throws Exception {
    Path home = Files.createDirectory(folder.resolve("podman"));
    try (ContainerDaemon daemon = ContainerDaemon.podman(home, List.of(registry.host()))) {
      daemon("podman", daemon);
    }
  }

  /** The tag of the last build is pulled as a cache by both. */
  private void daemon(String engine, ContainerDaemon daemon) throws Exception {
    Path context = context();
    byte[] archive = archive(context);
    String target = registry.host() + "/bench/cli:v1";
    String script =
        """
        export DOCKER_BUILDKIT=0 DOCKER_HOST=%1$s DOCKER_CONFIG=%2$s
        d=%3$s
        $d pull -q %4$s || true
        $d build --cache-from %4$s -t %4$s %5$s
        $d push %4$s
        $d rmi -f %4$s
        """
            .formatted(daemon.host(), folder, Program.DOCKER.path(), target, context);
    try (ScriptedServer packages =
        ScriptedServer.start(call -> ScriptedServer.reply(call, 200, archive))) {
      compare(
          "no-change build on " + engine,
          "docker pull, build and push",
          () ->
              agent(
                  pack("agent").setPackageUrl(packages.url("/p")),
                  Map.of("CONTAINER_RUNTIME", engine, "DOCKER_HOST", daemon.host())),
          () -> shell(script));
    }
  }

  /** To another registry, so that every byte has to go; each time to a new name. */
  @Test
  void copies() throws Exception {
    try (DockerRegistry target =
        DockerRegistry.start(Files.createDirectory(folder.resolve("target")))) {
      compare(
          "image copy of " + (BASE >> 20) + " MiB",
          "skopeo copy",
          () ->
              agent(
                  pack("copy" + runs).setRegistry(target.host()).setSourceImage(base),
                  Map.of("CONTAINER_RUNTIME", "embedded")),
          () ->
              shell(
                  "skopeo copy --all --src-tls-verify=false --dest-tls-verify=false docker://%s"
                          .formatted(base)
                      + " docker://%s/bench/skopeo%d:v1".formatted(target.host(), runs++)));
    }
  }
}
