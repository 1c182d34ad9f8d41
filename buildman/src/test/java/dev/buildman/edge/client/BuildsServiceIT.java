package dev.buildman.edge.client;

import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.BuildResult;
import dev.buildman.model.Ending;
import dev.buildman.model.JobRef;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Usage;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.job.SetPhase;
import dev.buildman.orchestrator.queue.ParkKind;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.BuildsGrpc;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.CreateBuildResponse;
import dev.buildman.proto.v1.Credentials;
import dev.buildman.proto.v1.GetBuildRequest;
import dev.buildman.proto.v1.GetStatusRequest;
import dev.buildman.proto.v1.GitSource;
import dev.buildman.proto.v1.ListBuildsRequest;
import dev.buildman.proto.v1.ListBuildsResponse;
import dev.buildman.proto.v1.NamespaceStatus;
import dev.buildman.proto.v1.RetryBuildRequest;
import dev.buildman.redis.ServerFacts;
import dev.buildman.seal.Opened;
import dev.buildman.testing.clients.TestClients;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
class BuildsServiceIT {

  @TempDir Path folder;
  private TestOrchestrator all;
  private TestClients clients;
  private ManagedChannel channel;
  private BuildsGrpc.BuildsBlockingStub builds;

  @BeforeEach
  void start(TestRedis redis) {
    all = new TestOrchestrator(redis);
    clients = new TestClients(all, folder);
    channel =
        Grpc.newChannelBuilder(clients.address(), InsecureChannelCredentials.create()).build();
    builds = BuildsGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    clients.close();
  }

  @Test
  void aCreatedBuildIsStoredAndShownWithoutItsSecrets() {
    CreateBuildRequest.Builder request =
        request("acme/app").setForeignId("their-7").putMetadata("commit", "abc").setPriority(5);
    request
        .getSpecBuilder()
        .addTags("v1")
        .setPushCredentials(Credentials.newBuilder().setUsername("me").setPassword("canary"));
    CreateBuildResponse created = builds.createBuild(request.build());
    assertThat(created.getExisting()).isFalse();
    Build build = builds.getBuild(get(created.getBuild().getId()));
    assertThat(build).isEqualTo(created.getBuild());
    assertThat(build.getRegistry()).isEqualTo(TestClients.REGISTRY);
    assertThat(build.getTagsList()).containsExactly("v1");
    assertThat(build.getForeignId()).isEqualTo("their-7");
    assertThat(build.getMetadataMap()).containsEntry("commit", "abc");
    assertThat(build.getTriesLeft()).isEqualTo(3);
    assertThat(build.getPriority()).isEqualTo(5);
    assertThat(build.getQueuePosition()).isOne();
    assertThat(build.getSource()).isEqualTo("https://git.example/app.git#main");
    assertThat(build.toString()).doesNotContain("canary");
    assertThat(all.dump(new BuildId(build.getId()))).doesNotContain("canary");
  }

  @Test
  void everyFieldAtFaultComesBackAtOnce() {
    CreateBuildRequest request =
        CreateBuildRequest.newBuilder()
            .setBuildId("nonsense")
            .setPriority(1000)
            .setSpec(BuildSpec.newBuilder().setRepository("noslash"))
            .build();
    Failure failure = Failure.of(() -> builds.createBuild(request));
    assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure.fields())
        .containsExactlyInAnyOrder("build_id", "priority", "spec.repository", "spec.source");
  }

  @Test
  void theSameRequestAgainIsTheSameBuild() {
    CreateBuildRequest request = request("acme/app").build();
    assertThat(builds.createBuild(request).getExisting()).isFalse();
    CreateBuildResponse again = builds.createBuild(request);
    assertThat(again.getExisting()).isTrue();
    assertThat(again.getBuild().getId()).isEqualTo(request.getBuildId());
    assertThat(list(ListBuildsRequest.newBuilder())).hasSize(1);
  }

  @Test
  void anIdempotencyKeyFindsItsBuildAlsoWithAFreshPassword() {
    String id = builds.createBuild(keyed("key-1", "one")).getBuild().getId();
    CreateBuildResponse second = builds.createBuild(keyed("key-1", "two"));
    assertThat(second.getExisting()).isTrue();
    assertThat(second.getBuild().getId()).isEqualTo(id);
  }

  @Test
  void anIdempotencyKeyWithAnotherRequestIsRefusedWithTheFirstBuild() {
    String id = builds.createBuild(keyed("key-1", "x")).getBuild().getId();
    CreateBuildRequest.Builder other = keyed("key-1", "x").toBuilder();
    other.getSpecBuilder().addTags("other");
    Failure failure = Failure.of(() -> builds.createBuild(other.build()));
    assertThat(failure.code()).isEqualTo(Status.Code.ALREADY_EXISTS);
    assertThat(failure.info().getReason()).isEqualTo("OTHER_BODY");
    assertThat(failure.info().getMetadataMap()).containsEntry("build_id", id);
  }

  @Test
  void aFullQueueSaysItsLimit() {
    all.limits(all.limits().with(new Limits.Capacity(1, 1, 0, 2)));
    create("acme/a");
    create("acme/b");
    Failure failure = Failure.of(() -> create("acme/c"));
    assertThat(failure.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(failure.text()).contains("MAX_QUEUED is 2");
    assertThat(failure.info().getMetadataMap()).containsEntry("limit", "2");
  }

  @Test
  void anUnknownBuildIsNotFoundAndAMalformedIdIsInvalid() {
    Failure failure = Failure.of(() -> builds.getBuild(get(UUID.randomUUID().toString())));
    assertThat(failure.code()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(failure.info().getReason()).isEqualTo("BUILD_UNKNOWN");
    assertThat(Failure.of(() -> builds.getBuild(get("x"))).fields()).containsExactly("build_id");
  }

  @Test
  void aBuildThatOnlyWaitsIsToldWhy() {
    String first = create("acme/app");
    String second = create("acme/app");
    String third = create("acme/other");
    all.launched();
    assertThat(builds.getBuild(get(first)).getWorker().getExecutor()).isEqualTo("first");
    assertThat(builds.getBuild(get(second)).getReason()).isEqualTo("REPOSITORY_BUSY");
    Build waiting = builds.getBuild(get(third));
    assertThat(waiting.getReason()).isEqualTo("CAPACITY_WAIT");
    assertThat(waiting.getReasonText()).contains("1 of 1");
  }

  @Test
  void pagesShowEveryBuildOnceNewestFirst() {
    List<String> created = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      created.addFirst(create("acme/app" + i));
    }
    List<String> listed = new ArrayList<>();
    String token = "";
    do {
      ListBuildsResponse page =
          builds.listBuilds(
              ListBuildsRequest.newBuilder().setPageSize(3).setPageToken(token).build());
      assertThat(page.getBuildsCount()).isLessThanOrEqualTo(3);
      page.getBuildsList().forEach(build -> listed.add(build.getId()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(listed).isEqualTo(created);
  }

  @Test
  void aListIsRestrictedByNamespaceRepositoryAndPhase() {
    String app = create("acme/app");
    String other = create("acme/other");
    create("beta/app");
    builds.cancelBuild(cancel(other));
    assertThat(list(ListBuildsRequest.newBuilder().setNamespace("acme")))
        .containsExactly(other, app);
    assertThat(list(ListBuildsRequest.newBuilder().setRepository("acme/app"))).containsExactly(app);
    ListBuildsRequest.Builder cancelled =
        ListBuildsRequest.newBuilder()
            .setNamespace("acme")
            .addPhases(dev.buildman.proto.v1.Phase.PHASE_CANCELLED);
    assertThat(list(cancelled)).containsExactly(other);
    ListBuildsRequest.Builder wrong =
        ListBuildsRequest.newBuilder().setPageToken("!").setPageSize(501);
    assertThat(Failure.of(() -> list(wrong)).fields())
        .containsExactlyInAnyOrder("page_token", "page_size");
  }

  @Test
  void aCancelEndsTheBuildAndSaysWhoAndWhyAndMayBeRepeated() {
    String id = create("acme/app");
    CancelBuildRequest cancel =
        cancel(id).toBuilder().setBy("alice").setReason("newer commit").build();
    Build build = builds.cancelBuild(cancel);
    assertThat(build.getPhase()).isEqualTo(dev.buildman.proto.v1.Phase.PHASE_CANCELLED);
    assertThat(build.getCancelledBy()).isEqualTo("alice");
    assertThat(build.getReasonText()).contains("newer commit");
    assertThat(builds.cancelBuild(cancel)).isEqualTo(build);
  }

  @Test
  void aBuildThatIsCompleteCannotBeCancelledAnyMore() {
    String id = create("acme/app");
    complete();
    Failure failure = Failure.of(() -> builds.cancelBuild(cancel(id)));
    assertThat(failure.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(failure.info().getReason()).isEqualTo("ENDED");
    assertThat(failure.info().getMetadataMap()).containsEntry("phase", "complete");
  }

  @Test
  void aRetryIsANewBuildWhoseSecretsOpenUnderItsOwnId() {
    String id = builds.createBuild(keyed("", "canary")).getBuild().getId();
    assertThat(Failure.of(() -> retry(id)).info().getReason()).isEqualTo("NOT_ENDED");
    builds.cancelBuild(cancel(id));
    Build retry = retry(id).getBuild();
    assertThat(retry.getId()).isNotEqualTo(id);
    assertThat(retry.getRetryOf()).isEqualTo(id);
    assertThat(retry.getMetadataMap()).containsEntry("commit", "abc");
    BuildId fresh = new BuildId(retry.getId());
    assertThat(clients.specs().open(fresh, all.record(fresh).spec().bytes()))
        .isInstanceOfSatisfying(
            Opened.Whole.class,
            whole -> assertThat(whole.spec().push().password().reveal()).isEqualTo("canary"));
  }

  @Test
  void aRetryIsRefusedWhenItsUploadedSourceIsGone() throws IOException {
    byte[] dockerfile = "FROM scratch\n".getBytes(UTF_8);
    CreateBuildRequest.Builder request = request("acme/app");
    request
        .getSpecBuilder()
        .setUploadedSource(clients.store().putDockerfile(dockerfile).digest().toString());
    String id = builds.createBuild(request.build()).getBuild().getId();
    builds.cancelBuild(cancel(id));
    clients.store().retire(Instant.MAX, any -> false);
    Failure failure = Failure.of(() -> retry(id));
    assertThat(failure.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(failure.info().getReason()).isEqualTo("SOURCE_GONE");
  }

  @Test
  void theHistoryComesWithABuildThatIsAskedForIt() {
    String id = create("acme/app");
    complete();
    Build build = builds.getBuild(get(id).toBuilder().setEvents(true).build());
    assertThat(build.getEventsList())
        .extracting(event -> event.getReason())
        .startsWith("ENQUEUED", "ATTEMPT_STARTED", "LAUNCHED", "REGISTERED")
        .endsWith("COMPLETED");
    assertThat(build.getResult().getDigestsList()).containsExactly("sha256:2");
    assertThat(builds.getBuild(get(id)).getEventsCount()).isZero();
  }

  @Test
  void theStatusCountsWhatWaitsAndRuns() {
    create("acme/a");
    create("acme/b");
    all.launched();
    var status = builds.getStatus(GetStatusRequest.getDefaultInstance());
    assertThat(status.getAllowedWorkers()).isOne();
    assertThat(status.getSlotsHeld()).isOne();
    assertThat(status.getQueued()).isOne();
    assertThat(status.getRunning()).isOne();
    assertThat(status.getExecutors(0).getLive()).isOne();
    assertThat(status.getWarnings(0)).contains("append-only");
    assertThat(status.hasOldestEnqueuedAt()).isTrue();
    assertThat(status.getStandstillReason()).isEqualTo("CAPACITY_WAIT");
  }

  @Test
  void statusSaysWhyNothingIsStartedAndWhichNamespacesStandAside() {
    create("acme/app");
    JobRef job = all.claimed().job();
    all.parkNamespace.run(
        job, ParkKind.OUTAGE, Reason.NAMESPACE_NOT_ALLOWED, "k8s: others", Duration.ofSeconds(5));
    clients.standStill(Why.of(Reason.CIRCUIT_OPEN, "k8s: failed too often"));
    var status = builds.getStatus(GetStatusRequest.getDefaultInstance());
    assertThat(status.getStandstillReason()).isEqualTo("CIRCUIT_OPEN");
    assertThat(status.getStandstillText()).isEqualTo("k8s: failed too often");
    assertThat(status.getNamespacesList())
        .containsExactly(
            NamespaceStatus.newBuilder()
                .setNamespace("acme")
                .setReason("NAMESPACE_NOT_ALLOWED")
                .setText("k8s: others")
                .build());
  }

  @Test
  void afterAFailoverABuildSaysThatNothingIsStarted() {
    String id = create("acme/app");
    all.facts(new ServerFacts("7.0.15", "replication-2", true, true, ""));
    all.tick.run(TestOrchestrator.MANAGER);
    assertThat(builds.getBuild(GetBuildRequest.newBuilder().setBuildId(id).build()).getReason())
        .isEqualTo("FAILOVER_WAIT");
  }

  private String create(String repository) {
    return builds.createBuild(request(repository).build()).getBuild().getId();
  }

  private CreateBuildResponse retry(String id) {
    return builds.retryBuild(RetryBuildRequest.newBuilder().setBuildId(id).build());
  }

  private List<String> list(ListBuildsRequest.Builder request) {
    return builds.listBuilds(request.build()).getBuildsList().stream().map(Build::getId).toList();
  }

  private void complete() {
    SessionRef session = all.in(Phase.PUSHING);
    BuildResult result =
        new BuildResult(
            "sha256:1", List.of("sha256:2"), 42, "", new Usage(1500, 64 << 20, 1 << 30));
    TestOrchestrator.sure(
        all.finishPhase.run(
            new SetPhase.Step(session, 2, MANAGER), EndNote.of(Ending.COMPLETED), result));
  }

  private static CreateBuildRequest.Builder request(String repository) {
    BuildSpec.Builder spec =
        BuildSpec.newBuilder()
            .setRepository(repository)
            .setGit(GitSource.newBuilder().setUrl("https://git.example/app.git").setRef("main"));
    return CreateBuildRequest.newBuilder().setBuildId(UUID.randomUUID().toString()).setSpec(spec);
  }

  private static CreateBuildRequest keyed(String key, String password) {
    CreateBuildRequest.Builder request =
        request("acme/app").setBuildId("").setIdempotencyKey(key).putMetadata("commit", "abc");
    request
        .getSpecBuilder()
        .setPushCredentials(Credentials.newBuilder().setUsername("me").setPassword(password));
    return request.build();
  }

  private static CancelBuildRequest cancel(String id) {
    return CancelBuildRequest.newBuilder().setBuildId(id).build();
  }

  private static GetBuildRequest get(String id) {
    return GetBuildRequest.newBuilder().setBuildId(id).build();
  }
}
