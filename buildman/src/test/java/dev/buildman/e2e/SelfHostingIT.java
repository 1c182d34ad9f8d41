package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.chart.Bundle;
import dev.buildman.chart.Chart;
import dev.buildman.client.BuildsClient;
import dev.buildman.client.ContextFolder;
import dev.buildman.client.PackedContext;
import dev.buildman.client.SourceUpload;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.testing.tools.RequiresTool;
import dev.buildman.testing.tools.SkippedTests;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * This build manager builds the images of its own manager and agent, on a base of Debian packages,
 * and both do their work in containers as a cluster would run them.
 */
@RedisTest
@RequiresTool(value = "buildah", debianPackage = "buildah")
@RequiresTool(value = "runc", debianPackage = "runc")
class SelfHostingIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path BASE = ROOT.resolve("target/images/base.tar");
  private static final Path PROFILE = Chart.FOLDER.resolve("files/builder-seccomp.json");
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @BeforeEach
  void base() throws IOException {
    Bundle.assumeAllowed("SelfHostingIT");
    if (Files.notExists(BASE)) {
      String why = "no base: conf/images/make-base target/images/base.tar (package mmdebstrap)";
      assertThat(SkippedTests.areForbidden()).as(why).isFalse();
      SkippedTests.add("SelfHostingIT", why);
      abort(why);
    }
  }

  /** Trees of whole systems: their links lead out of this folder, and are best removed unread. */
  @AfterEach
  void noRoots() throws Exception {
    for (String root :
        new String[] {"root-buildman-buildman", "root-buildman-builder-agent", "work-build"}) {
      command("rm", "-rf", folder.resolve(root).toString());
    }
  }

  @Test
  void itsOwnImagesAreBuiltAndWorkInContainers(TestRedis redis) throws Exception {
    command("conf/images/build", "--stage");
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        ManagerProcess manager = site.manager(Map.of("EXECUTOR.CONTAINER_RUNTIME", "auto"));
        BuildsClient client = manager.client()) {
      pushBase(site);
      Build managers = build(client, site, "buildman/buildman", "manager");
      Build agents = build(client, site, "buildman/builder-agent", "agent");
      complete(client, agents);
      Path worker = unpack(site, "buildman/builder-agent");
      complete(client, managers);
      Path serving = unpack(site, "buildman/buildman");

      aWorkerIsWhole(worker, site);
      aWorkerBuildsWithRunUnderTheProfile(worker, site);
      theManagerServesAndEndsWhenItIsAsked(serving, site, redis);
    }
  }

  private void aWorkerIsWhole(Path root, Site site) throws Exception {
    Bundle.Run check = worker(root, "check").run("builder-agent", "check", site.registry());
    assertThat(check.status()).as(check.output()).isZero();
    assertThat(check.output())
        .contains("ok   engine buildah", "ok   engine embedded", "ok   git ", "ok   setsid")
        .contains("ok   start cache")
        .contains("the agent runs as an ordinary user");
  }

  private void aWorkerBuildsWithRunUnderTheProfile(Path root, Site site) throws Exception {
    Bundle bundle = worker(root, "build");
    Path context = Files.createDirectories(folder.resolve("work-build/context"));
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        ARG BASE
        FROM ${BASE}
        RUN useradd --uid 4000 someone && install -o someone -g 42 /dev/null /made
        """);
    Bundle.Run build =
        bundle.run(
            "builder-agent",
            "build",
            "--tag",
            site.registry() + "/made/in-a-pod:latest",
            "--build-arg",
            "BASE=" + site.registry() + "/lib/base:latest",
            "--insecure-registry",
            site.registry(),
            "--push",
            "/work/context");
    assertThat(build.status()).as(build.output()).isZero();
    assertThat(build.output()).contains("engine buildah");
    assertThat(site.tagStatus("made/in-a-pod")).isEqualTo(200);
  }

  private void theManagerServesAndEndsWhenItIsAsked(Path root, Site site, TestRedis redis)
      throws Exception {
    Site.Configured configured =
        site.configure(
            "in-a-container",
            new TreeMap<>(
                Map.of(
                    "ORCHESTRATOR_PREFIX", redis.prefix() + "-image",
                    "EXECUTOR.K8S_API_SERVER", "127.0.0.1:1",
                    "EXECUTOR.AGENT", "ours",
                    "BUILDMAN.DATA_DIRECTORY", "/var/lib/buildman",
                    "BUILDMAN.DRAIN_TIMEOUT", "1s")));
    Path data = own(Files.createDirectories(folder.resolve("manager-data")), 10_001);
    Path config = Files.createDirectories(folder.resolve("manager-config"));
    Files.copy(configured.file(), config.resolve("config.yaml"));
    for (String target : new String[] {"etc/buildman", "var/lib/buildman"}) {
      Files.createDirectories(root.resolve(target));
    }
    Bundle bundle =
        Bundle.manager(folder.resolve("bundle-manager"), root)
            .environment("BUILDMAN_JAVA_HOME=/usr/lib/jvm/buildman")
            .environment("HOME=/var/lib/buildman")
            .bind(config, "/etc/buildman")
            .bind(data, "/var/lib/buildman");
    assertThat(bundle.run("/opt/buildman/bin/buildman", "--version").output())
        .startsWith("buildman ");

    Process serving =
        bundle.start("/opt/buildman/bin/buildman", "serve", "/etc/buildman/config.yaml");
    try {
      String health = "http://127.0.0.1:" + configured.ports().metrics();
      Awaitility.await("the manager in its container is ready")
          .atMost(LIMIT)
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(get(health + "/readyz")).isEqualTo("ok\n"));
      assertThat(get(health + "/metrics")).contains("buildman_redis_up 1.0");
      // To the launcher, which must have given way to the JVM: the first process gets the signal.
      serving.destroy();
      assertThat(serving.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(serving.exitValue()).as(bundle.output()).isZero();
    } finally {
      serving.destroyForcibly();
    }
  }

  private Bundle worker(Path root, String name) throws IOException {
    Path work = own(Files.createDirectories(folder.resolve("work-" + name)), 1000);
    Files.createDirectories(root.resolve("work"));
    return Bundle.worker(folder.resolve("bundle-" + name), root, PROFILE)
        .environment("TMPDIR=/work")
        .environment("HOME=/work")
        .environment("BUILDAH_ISOLATION=chroot")
        .bind(work, "/work");
  }

  /** The base has no build of a manager's behind it: the agent's command line makes it. */
  private void pushBase(Site site) throws Exception {
    Path context = Files.createDirectories(folder.resolve("base"));
    Files.copy(BASE, context.resolve("rootfs.tar"));
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nADD rootfs.tar /\n");
    command(
        "env",
        "CONTAINER_RUNTIME=embedded",
        ROOT.resolve("target/dist/builder-agent/bin/builder-agent").toString(),
        "build",
        "--tag",
        site.registry() + "/lib/base:latest",
        "--insecure-registry",
        site.registry(),
        "--push",
        context.toString());
  }

  private static Build build(BuildsClient client, Site site, String repository, String context)
      throws Exception {
    Path source = ROOT.resolve("target/images").resolve(context);
    try (PackedContext packed = ContextFolder.pack(source, "Dockerfile")) {
      new SourceUpload(client)
          .send(packed.file(), packed.digest(), PackedContext.CONTENT_TYPE, _ -> {});
      return Steps.enqueue(
          client,
          BuildSpec.newBuilder()
              .setRepository(repository)
              .setRegistry(site.registry())
              .addTags("latest")
              .setUploadedSource(packed.digest())
              .putBuildArgs("BASE", site.registry() + "/lib/base:latest")
              .build());
    }
  }

  private static void complete(BuildsClient client, Build build) throws InterruptedException {
    Watching watching = new Watching();
    Build ended = watching.follow(client, build.getId());
    assertThat(ended.getPhase())
        .as("%s%n%s", ended, watching.log())
        .isEqualTo(Phase.PHASE_COMPLETE);
  }

  /** The image's layers, one upon the other, with file capabilities. */
  private Path unpack(Site site, String repository) throws Exception {
    Path root = Files.createDirectories(folder.resolve("root-" + repository.replace('/', '-')));
    String url = "http://" + site.registry() + "/v2/" + repository;
    JsonNode manifest = JSON.readTree(get(url + "/manifests/latest"));
    for (JsonNode layer : manifest.get("layers")) {
      Path blob = folder.resolve("layer.tar.gz");
      try (HttpClient http = HttpClient.newHttpClient()) {
        http.send(
            HttpRequest.newBuilder(URI.create(url + "/blobs/" + layer.get("digest").asText()))
                .build(),
            HttpResponse.BodyHandlers.ofFile(blob));
      }
      command(
          "tar",
          "-xzf",
          blob.toString(),
          "--xattrs",
          "--xattrs-include=*",
          "--exclude=.wh.*",
          "-C",
          root.toString());
      Files.delete(blob);
    }
    return root;
  }

  private static String get(String url) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(url))
                  .header("Accept", "application/vnd.oci.image.manifest.v1+json, */*")
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static Path own(Path path, int user) throws IOException {
    Files.setAttribute(path, "unix:uid", user);
    Files.setAttribute(path, "unix:gid", user);
    return path;
  }

  private void command(String... command) throws IOException, InterruptedException {
    Path said = Files.createTempFile(folder, "command", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(ROOT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
  }
}
