package dev.buildman.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.model.Secret;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildsGrpc;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.CreateBuildResponse;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.GetStatusRequest;
import dev.buildman.proto.v1.LogEntry;
import dev.buildman.proto.v1.Phase;
import dev.buildman.proto.v1.TailLogsRequest;
import dev.buildman.proto.v1.TailLogsResponse;
import dev.buildman.proto.v1.WatchBuildRequest;
import dev.buildman.proto.v1.WatchBuildResponse;
import dev.buildman.runtime.Sleeper;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FollowIT {

  private final BrokenManager manager = new BrokenManager();
  private final Heard heard = new Heard();
  private final AtomicLong nanos = new AtomicLong();
  private Server server;
  private BuildsClient client;

  @BeforeEach
  void start() throws IOException {
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(manager)
            .build()
            .start();
    client =
        BuildsClient.open(
            Endpoint.parse("127.0.0.1:" + server.getPort(), Optional.empty(), Secret.NONE));
  }

  @AfterEach
  void stop() throws InterruptedException {
    client.close();
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  @Test
  void goesOnAfterABreakWithoutTellingAnythingTwice() throws InterruptedException {
    manager.breaks.set(3);
    Build ended = follow();
    assertThat(ended.getPhase()).isEqualTo(Phase.PHASE_COMPLETE);
    assertThat(heard.lines).containsExactly("line 0", "line 1", "line 2", "line 3");
    assertThat(heard.events).containsExactly("event 1", "event 2", "event 3", "event 4");
    assertThat(heard.away).isPositive();
    assertThat(heard.back).isPositive();
  }

  @Test
  void givesUpWhenTheManagerStaysAway() {
    manager.breaks.set(Integer.MAX_VALUE);
    manager.silent = true;
    assertThatThrownBy(this::follow)
        .isInstanceOfSatisfying(
            CallFailed.class, e -> assertThat(e.kind()).isEqualTo(CallFailed.Kind.UNREACHABLE));
  }

  @Test
  void aRefusalIsNotRepeated() {
    manager.refusal = Status.NOT_FOUND.withDescription("there is no build x");
    assertThatThrownBy(this::follow)
        .isInstanceOf(CallFailed.class)
        .hasMessage("there is no build x");
    assertThat(heard.away).isZero();
  }

  @Test
  void aCreateWhoseAnswerWasLostIsAskedForAgainWithTheSameId() {
    manager.lostAnswers.set(1);
    client.getStatus();
    CreateBuildRequest request = CreateBuildRequest.newBuilder().setBuildId("the-id").build();
    assertThat(client.createBuild(request).getExisting()).isTrue();
    assertThat(manager.created).containsExactly("the-id", "the-id");
  }

  private Build follow() throws InterruptedException {
    // No waiting in the test: the pauses move the clock.
    Sleeper sleeper = span -> nanos.addAndGet(span.toNanos());
    return new Follow(client, "x", heard, sleeper, nanos::get).run(0);
  }

  /** Breaks each stream after one more message than the last, as often as it is told. */
  private static final class BrokenManager extends BuildsGrpc.BuildsImplBase {
    final AtomicInteger breaks = new AtomicInteger();
    final AtomicInteger lostAnswers = new AtomicInteger();
    final List<String> created = new ArrayList<>();
    volatile boolean silent;
    volatile Status refusal = Status.OK;

    @Override
    public void watchBuild(WatchBuildRequest request, StreamObserver<WatchBuildResponse> response) {
      if (!refusal.isOk()) {
        response.onError(refusal.asRuntimeException());
        return;
      }
      int first = request.getCursor().isEmpty() ? 1 : Integer.parseInt(request.getCursor()) + 1;
      for (int i = first; i <= 4 && !silent; i++) {
        response.onNext(
            WatchBuildResponse.newBuilder()
                .setBuild(
                    Build.newBuilder()
                        .setPhase(i == 4 ? Phase.PHASE_COMPLETE : Phase.PHASE_BUILDING))
                .addEvents(Event.newBuilder().setText("event " + i))
                .setCursor(Integer.toString(i))
                .build());
        if (i < 4 && breaks.getAndDecrement() > 0) {
          response.onError(Status.UNAVAILABLE.asRuntimeException());
          return;
        }
      }
      end(response);
    }

    @Override
    public void tailLogs(TailLogsRequest request, StreamObserver<TailLogsResponse> response) {
      for (long i = request.getFrom(); i < 4 && !silent; i++) {
        response.onNext(
            TailLogsResponse.newBuilder()
                .setIndex(i)
                .addEntries(LogEntry.newBuilder().setMessage("line " + i))
                .build());
        if (i < 3 && breaks.getAndDecrement() > 0) {
          response.onError(Status.UNAVAILABLE.asRuntimeException());
          return;
        }
      }
      end(response);
    }

    private void end(StreamObserver<?> response) {
      if (silent) {
        response.onError(Status.UNAVAILABLE.asRuntimeException());
      } else {
        response.onCompleted();
      }
    }

    @Override
    public void getStatus(
        GetStatusRequest request, StreamObserver<dev.buildman.proto.v1.Status> response) {
      response.onNext(dev.buildman.proto.v1.Status.getDefaultInstance());
      response.onCompleted();
    }

    @Override
    public synchronized void createBuild(
        CreateBuildRequest request, StreamObserver<CreateBuildResponse> response) {
      boolean existing = created.contains(request.getBuildId());
      created.add(request.getBuildId());
      if (lostAnswers.getAndDecrement() > 0) {
        response.onError(Status.UNAVAILABLE.asRuntimeException());
        return;
      }
      response.onNext(CreateBuildResponse.newBuilder().setExisting(existing).build());
      response.onCompleted();
    }
  }

  private static final class Heard implements Follower {
    final List<String> lines = new ArrayList<>();
    final List<String> events = new ArrayList<>();
    int away;
    int back;

    @Override
    public void onBuild(Build build) {
      assertThat(build.getPhase()).isNotEqualTo(Phase.PHASE_UNSPECIFIED);
    }

    @Override
    public void onEvents(List<Event> news) {
      news.forEach(event -> events.add(event.getText()));
    }

    @Override
    public void onLog(long index, List<LogEntry> entries) {
      assertThat(index).isEqualTo(lines.size());
      entries.forEach(entry -> lines.add(entry.getMessage()));
    }

    @Override
    public void onAway(String text) {
      away++;
    }

    @Override
    public void onBack() {
      back++;
    }
  }
}
