package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.ContextFolder;
import dev.buildman.client.PackedContext;
import dev.buildman.client.SourceUpload;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.containers.ContainerDaemon;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.testing.tools.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A build with RUN on a Docker daemon, from CreateBuild to Debian's registry, then one that fails.
 */
@RedisTest
@RequiresTool(value = "dockerd", debianPackage = "docker.io")
@RequiresTool(value = "docker-registry", debianPackage = "docker-registry")
@RequiresTool(value = "busybox", debianPackage = "busybox-static")
class DockerWholeWayIT {
  @TempDir private Path folder;

  @Test
  void theDaemonBuildsAndTheAgentPushes(TestRedis redis) throws Exception {
    Path home = Files.createDirectory(folder.resolve("dockerd"));
    try (ContainerDaemon daemon = ContainerDaemon.docker(home);
        DebianRegistry registry = DebianRegistry.start(folder);
        Site site = Site.open(folder, redis.settings(), redis.prefix());
        ManagerProcess manager =
            site.manager(
                Map.of(
                    "EXECUTOR.CONTAINER_RUNTIME",
                    "docker",
                    "EXECUTOR.DOCKER_HOST",
                    daemon.host()));
        BuildsClient client = manager.client()) {
      Path context = context();
      Watching built = new Watching();
      Build ended = built.follow(client, enqueue(client, registry, context).getId());
      assertThat(ended.getPhase()).as("%s%n%s", ended, built.log()).isEqualTo(Phase.PHASE_COMPLETE);
      assertThat(ended.getResult().getDigests(0)).startsWith("sha256:");
      assertThat(built.log()).contains("Step 4/4 : RUN").contains("made for acme");

      Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY no-such-file /\n");
      Watching failed = new Watching();
      Build error = failed.follow(client, enqueue(client, registry, context).getId());
      assertThat(error.getPhase()).as("%s", error).isEqualTo(Phase.PHASE_ERROR);
      assertThat(failed.log()).contains("no-such-file");
      Watching.awaitNothingLeft(client, site);
    }
  }

  private Path context() throws Exception {
    Path context = Files.createDirectories(folder.resolve("app"));
    Path busybox = context.resolve("busybox");
    Files.copy(Path.of("/bin/busybox"), busybox);
    Files.setPosixFilePermissions(busybox, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        FROM scratch
        ARG WHO=nobody
        COPY busybox /
        RUN ["/busybox", "sh", "-c", "echo made for $WHO"]
        """);
    return context;
  }

  private static Build enqueue(BuildsClient client, DebianRegistry registry, Path folder)
      throws Exception {
    try (PackedContext context = ContextFolder.pack(folder, "Dockerfile")) {
      new SourceUpload(client)
          .send(context.file(), context.digest(), PackedContext.CONTENT_TYPE, _ -> {});
      return Steps.enqueue(
          client,
          BuildSpec.newBuilder()
              .setRepository("acme/app")
              .setRegistry(registry.address())
              .setUploadedSource(context.digest())
              .putBuildArgs("WHO", "acme")
              .build());
    }
  }
}
