package dev.buildman.edge.agent;

import dev.buildman.metrics.Metrics;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.session.Beat;
import dev.buildman.session.Heartbeats;
import dev.buildman.session.OpenStreams;
import dev.buildman.token.Grant;
import dev.buildman.token.Tokens;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * One agent's heartbeat stream: one answer for each beat, the next beat is read after it. A session
 * that is over is told so at each beat, and the stream stays open until the agent goes: three
 * refusals in a row are what ends Quay's worker, a broken stream is not. Runs on network threads.
 */
final class HeartbeatCall implements StreamObserver<HeartbeatRequest> {
  private static final String RPC = "Heartbeat";
  private static final HeartbeatResponse ALIVE =
      HeartbeatResponse.newBuilder().setReply(true).build();
  private static final HeartbeatResponse OVER =
      HeartbeatResponse.newBuilder().setReply(false).setCancelled(true).build();

  private final Tokens tokens;
  private final Heartbeats heartbeats;
  private final OpenStreams streams;
  private final Metrics metrics;
  private final Reply<HeartbeatResponse> reply;
  private final Allowance beats;
  private OpenStreams.@Nullable Stream listed;

  HeartbeatCall(
      Tokens tokens,
      AgentUseCases useCases,
      Metrics metrics,
      Allowance beats,
      Reply<HeartbeatResponse> reply) {
    this.tokens = tokens;
    this.heartbeats = useCases.heartbeats();
    this.streams = useCases.streams();
    this.metrics = metrics;
    this.reply = reply;
    this.beats = beats;
  }

  @Override
  public void onNext(HeartbeatRequest beat) {
    try {
      Answers.atMost(AgentLimits.HEARTBEAT_BYTES, beat.getSerializedSize());
      if (!beats.take()) {
        throw Answers.exhausted("too many heartbeats");
      }
      Grant.Job grant = Answers.authenticated(tokens.job(beat.getJobJwt()));
      list(grant);
      heartbeats
          .beat(grant, Distrust.usage(beat.getUsage()), reply::isOver)
          .whenComplete(this::answer);
    } catch (StatusException | RuntimeException e) {
      fail(e);
    }
  }

  /** So that a cancel finds the stream. */
  private void list(Grant.Job grant) {
    if (listed == null) {
      listed =
          streams.open(
              grant,
              reason -> {
                metrics.agentAnswered(RPC, "told");
                reply.send(OVER);
              });
    }
  }

  private void answer(@Nullable Beat beat, @Nullable Throwable failure) {
    if (failure != null || beat == null) {
      fail(failure == null ? new IllegalStateException("no answer") : failure);
      return;
    }
    switch (beat) {
      case Beat.Alive() -> reply.send(ALIVE);
      case Beat.Over(String reason) -> reply.send(OVER);
    }
    metrics.agentAnswered(RPC, beat instanceof Beat.Alive ? "ok" : "over");
    reply.readOne();
  }

  private void fail(Throwable failure) {
    if (!reply.isOver()) {
      Status status = Answers.status(RPC, failure);
      metrics.agentAnswered(RPC, Unary.word(status));
      reply.fail(status);
    }
    forget();
  }

  @Override
  public void onError(Throwable cancelled) {
    reply.end();
    forget();
  }

  @Override
  public void onCompleted() {
    reply.complete();
    forget();
  }

  private void forget() {
    OpenStreams.Stream present = listed;
    if (present != null) {
      present.close();
    }
  }
}
