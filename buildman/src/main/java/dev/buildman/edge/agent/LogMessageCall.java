package dev.buildman.edge.agent;

import dev.buildman.metrics.Metrics;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.runtime.Later;
import dev.buildman.session.LogAnswer;
import dev.buildman.session.LogLines;
import dev.buildman.token.Grant;
import dev.buildman.token.Tokens;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One agent's log stream: one answer for each message, in order. While one batch is on its way to
 * Redis the next messages are read and joined; when too much waits, or comes too fast, nothing is
 * read, so that the sender waits and nothing is lost. The stream may stay silent for as long as it
 * likes. Runs on network threads and on Redis's.
 */
final class LogMessageCall implements StreamObserver<LogMessageRequest> {
  private static final String RPC = "LogMessage";

  private final Tokens tokens;
  private final LogLines.Feed feed;
  private final Metrics metrics;
  private final Later later;
  private final Reply<LogMessageResponse> reply;
  private final Allowance bytes;
  private final LogQueue queue = new LogQueue();
  private volatile boolean broken;

  LogMessageCall(
      Tokens tokens,
      LogLines.Feed feed,
      Metrics metrics,
      Later later,
      Reply<LogMessageResponse> reply,
      Allowance bytes) {
    this.tokens = tokens;
    this.feed = feed;
    this.metrics = metrics;
    this.later = later;
    this.reply = reply;
    this.bytes = bytes;
  }

  @Override
  public void onNext(LogMessageRequest message) {
    try {
      Grant.Job grant = Answers.authenticated(tokens.job(message.getJobJwt()));
      List<String> lines =
          message.getLogMessagesCount() == 0
              ? List.of(message.getLogMessage())
              : List.copyOf(message.getLogMessagesList());
      LogQueue.Message queued =
          new LogQueue.Message(
              grant, message.getSequenceNumber(), lines, message.getSerializedSize(), true);
      send(queue.add(queued));
      readOn(bytes.spend(queued.bytes()));
    } catch (StatusException | RuntimeException e) {
      fail(e);
    }
  }

  private void readOn(Duration rest) {
    if (rest.isZero()) {
      readIfRoom();
    } else {
      later.run(rest, this::readIfRoom);
    }
  }

  private void readIfRoom() {
    if (queue.mayRead()) {
      reply.readOne();
    }
  }

  private void send(LogQueue.@Nullable Batch batch) {
    if (batch != null) {
      feed.store(batch.grant(), batch.last(), batch.lines(), reply::isOver)
          .whenComplete((answer, failure) -> stored(batch, answer, failure));
    }
  }

  private void stored(
      LogQueue.Batch batch, @Nullable LogAnswer answer, @Nullable Throwable failure) {
    if (failure != null || answer == null) {
      fail(failure == null ? new IllegalStateException("no answer") : failure);
      return;
    }
    batch.messages().stream()
        .filter(LogQueue.Message::answered)
        .forEach(message -> answer(message, answer));
    boolean goesOn = queue.done(batch);
    send(queue.next());
    if (goesOn) {
      reply.readOne();
    }
    completeIfFinished();
  }

  private void answer(LogQueue.Message message, LogAnswer answer) {
    int sequence = answer.success() ? Math.toIntExact(answer.sequence()) : message.last();
    reply.send(
        LogMessageResponse.newBuilder()
            .setSuccess(answer.success())
            .setSequenceNumber(sequence)
            .build());
    metrics.agentAnswered(RPC, answer.success() ? "ok" : "over");
  }

  private void completeIfFinished() {
    if (queue.isFinished()) {
      feed.finished(broken);
      reply.complete();
    }
  }

  private void fail(Throwable failure) {
    if (!reply.isOver()) {
      Status status = Answers.status(RPC, failure);
      metrics.agentAnswered(RPC, Unary.word(status));
      reply.fail(status);
    }
  }

  @Override
  public void onError(Throwable cancelled) {
    reply.end();
    broken = true;
    queue.close();
    completeIfFinished();
  }

  @Override
  public void onCompleted() {
    queue.close();
    completeIfFinished();
  }
}
