package dev.buildman.agent.training;

import dev.buildman.agent.link.TestManager;
import dev.buildman.proto.agent.BuildPack;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Makes the agent's ahead-of-time cache: lets the agent of the distribution do a whole build by
 * itself, one with a daemon, one with buildah, and copy an image, while its JVM takes notes, so
 * that the next ones start with their classes loaded and linked.
 */
final class AotTraining {
  private static final int LIMIT_SECONDS = 120;

  /** What the JVM makes at run time is in no cache: hidden classes and proxies, about one in 50. */
  private static final double LEAST_SHARE = 0.95;

  private static final String DOCKERFILE =
      """
      FROM scratch AS one
      ARG WHO=you
      COPY Dockerfile /
      FROM scratch
      LABEL who=$WHO
      COPY --from=one /Dockerfile /etc/
      ENTRYPOINT ["/etc/Dockerfile"]
      """;

  private AotTraining() {}

  static void train(Path distribution) throws IOException, InterruptedException {
    Path cache = distribution.resolve("lib/builder-agent.aot");
    Files.deleteIfExists(cache);
    String said =
        build(
            distribution,
            "-XX:AOTCacheOutput=" + cache,
            "rehearse",
            "embedded",
            "docker",
            "buildah",
            "embedded");
    if (!Files.exists(cache)) {
      throw new IOException("the JVM made no cache:\n" + said);
    }
    check(distribution);
  }

  /** A cache that is passed over costs half a second for each build, and nothing else tells. */
  static void check(Path distribution) throws IOException, InterruptedException {
    Path classes = Files.createTempFile("aot-training", ".classes");
    try {
      build(distribution, "-XX:AOTMode=on -Xlog:class+load:file=" + classes);
      List<String> loaded =
          Files.readAllLines(classes).stream().filter(line -> line.contains(" source: ")).toList();
      long cached = loaded.stream().filter(line -> line.endsWith("shared objects file")).count();
      System.out.printf(
          "start cache: %d of %d classes, %d MiB%n",
          cached, loaded.size(), Files.size(distribution.resolve("lib/builder-agent.aot")) >> 20);
      if (cached < loaded.size() * LEAST_SHARE) {
        throw new IOException("the cache is not used: " + cached + " of " + loaded.size());
      }
    } finally {
      Files.delete(classes);
    }
  }

  /** Whole builds; returns what the agent said. */
  private static String build(Path distribution, String options, String... arguments)
      throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("aot-training");
    Path log = work.resolve("log");
    Path programs = StandInBuildah.install(Files.createTempDirectory("aot-programs"));
    try (MemoryRegistry registry = new MemoryRegistry();
        StandInDaemon daemon = new StandInDaemon();
        TestManager manager = new TestManager(pack(registry.address()))) {
      // The second build finds the first one's image.
      manager.cachedTag("trained");
      if (arguments.length > 0) {
        manager.handOut(packs(registry));
      }
      List<String> command = new ArrayList<>();
      command.add(distribution.resolve("bin/builder-agent").toString());
      command.addAll(List.of(arguments));
      ProcessBuilder agent =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      var environment = agent.environment();
      // Where the launcher finds no runtime beside it, the JDK of this build.
      environment.put("BUILDMAN_JAVA_HOME", System.getProperty("java.home"));
      environment.put("PATH", programs.toString());
      environment.put("SERVER", "127.0.0.1:" + manager.address().port());
      environment.put("INSECURE", "true");
      environment.put("TOKEN", "registration");
      environment.put("CONTAINER_RUNTIME", "embedded");
      environment.put("DOCKER_HOST", daemon.address());
      environment.put("TMPDIR", work.toString());
      environment.put("AGENT_JAVA_OPTS", options);
      Process process = agent.start();
      boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      String said = Files.readString(log) + (ended ? "" : threads(process));
      process.destroyForcibly();
      if (!ended || process.exitValue() != 0 || !registry.has("trained")) {
        String end = ended ? "failed" : "did not end within %d s".formatted(LIMIT_SECONDS);
        throw new IOException("the training build %s; work in %s:\n%s".formatted(end, work, said));
      }
      Files.delete(log);
      // Fails where the agent has left anything.
      Files.delete(work);
      return said;
    } finally {
      StandInBuildah.remove(programs);
    }
  }

  /** What an agent that hangs waits for, in all its threads, virtual ones too. */
  private static String threads(Process agent) throws IOException, InterruptedException {
    Path dump = Files.createTempDirectory("aot-threads").resolve("dump");
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                String.valueOf(agent.pid()),
                "Thread.dump_to_file",
                dump.toString())
            .redirectErrorStream(true)
            .start();
    String answer = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    boolean dumped = jcmd.waitFor() == 0 && Files.exists(dump);
    return "\nits threads:\n" + (dumped ? Files.readString(dump) : answer);
  }

  /** For each of the engines, in their order. */
  private static List<BuildPack> packs(MemoryRegistry registry) throws IOException {
    BuildPack first = pack(registry.address());
    String made = registry.address() + "/" + first.getRepository() + ":trained";
    BuildPack based =
        first.toBuilder()
            .setPackageUrl(
                registry.serve(
                    "/package",
                    context("FROM %s\nARG A=1\nCOPY Dockerfile /\nRUN true\n".formatted(made))))
            .addCacheRefs("aot/cache")
            .addCacheTo("aot/cache")
            .build();
    BuildPack copy =
        first.toBuilder()
            .clearPackageUrl()
            .clearDockerfilePath()
            .setSourceImage(made)
            .setRepository("aot/copy")
            .build();
    return List.of(first, first, based, copy);
  }

  static BuildPack pack(String registry) throws IOException {
    String encoded = Base64.getEncoder().encodeToString(context(DOCKERFILE));
    return BuildPack.newBuilder()
        .setJobJwt("job")
        .setPackageUrl("data:application/gzip;base64," + encoded)
        .setDockerfilePath("Dockerfile")
        .setRepository("aot/training")
        .setRegistry(registry)
        .addTagNames("trained")
        .setPushToken("push")
        .setBuildId("00000000-0000-4000-8000-000000000000")
        .setAttempt(1)
        .build();
  }

  private static byte[] context(String text) throws IOException {
    byte[] dockerfile = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      TarArchiveEntry entry = new TarArchiveEntry("Dockerfile");
      entry.setSize(dockerfile.length);
      tar.putArchiveEntry(entry);
      tar.write(dockerfile);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }
}
