package dev.buildman.edge.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.model.BuildId;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.BuildsGrpc;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.GitSource;
import dev.buildman.proto.v1.LogEntry;
import dev.buildman.proto.v1.TailLogsRequest;
import dev.buildman.proto.v1.TailLogsResponse;
import dev.buildman.proto.v1.WatchBuildRequest;
import dev.buildman.proto.v1.WatchBuildResponse;
import dev.buildman.testing.clients.TestClients;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams outlive an outage of Redis: they tell afterwards what happened, once. */
@RedisTest
@Timeout(60)
class StreamsOutageIT {
  @TempDir Path folder;

  @Test
  void aFollowedLogAndAWatchGoOnWhenRedisIsBack(OwnRedis redis) throws Exception {
    TestOrchestrator all = new TestOrchestrator(redis);
    try (TestClients clients = new TestClients(all, folder)) {
      ManagedChannel channel =
          Grpc.newChannelBuilder(clients.address(), InsecureChannelCredentials.create()).build();
      try {
        goOn(redis, clients, BuildsGrpc.newBlockingStub(channel));
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static void goOn(
      OwnRedis redis, TestClients clients, BuildsGrpc.BuildsBlockingStub builds) throws Exception {
    BuildId id = new BuildId(create(builds));
    clients.log(id, "before");
    Iterator<TailLogsResponse> tail =
        builds.tailLogs(
            TailLogsRequest.newBuilder().setBuildId(id.value()).setFollow(true).build());
    Iterator<WatchBuildResponse> watch =
        builds.watchBuild(WatchBuildRequest.newBuilder().setBuildId(id.value()).build());
    assertThat(tail.next().getEntries(0).getMessage()).isEqualTo("before");
    watch.next();

    redis.process().kill();
    Thread.sleep(1500); // Longer than a look at the log or at the build.
    redis.process().start();
    await().ignoreExceptions().untilAsserted(() -> clients.log(id, "after"));
    builds.cancelBuild(CancelBuildRequest.newBuilder().setBuildId(id.value()).build());

    List<String> lines = new ArrayList<>();
    tail.forEachRemaining(
        page -> page.getEntriesList().stream().map(LogEntry::getMessage).forEach(lines::add));
    assertThat(lines).containsExactly("after");
    List<String> reasons = new ArrayList<>();
    watch.forEachRemaining(
        change -> change.getEventsList().stream().map(Event::getReason).forEach(reasons::add));
    assertThat(reasons).containsExactly("CANCELLED");
  }

  private static String create(BuildsGrpc.BuildsBlockingStub builds) {
    BuildSpec spec =
        BuildSpec.newBuilder()
            .setRepository("acme/app")
            .setGit(GitSource.newBuilder().setUrl("https://git.example/app.git"))
            .build();
    return builds
        .createBuild(CreateBuildRequest.newBuilder().setSpec(spec).build())
        .getBuild()
        .getId();
  }
}
