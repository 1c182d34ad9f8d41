package dev.buildman.agent.link;

import dev.buildman.agent.config.ManagerAddress;
import dev.buildman.agent.link.Lease.Moment;
import dev.buildman.agent.runtime.Time;
import dev.buildman.proto.agent.BuildJobArgs;
import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.PingReply;
import dev.buildman.proto.agent.PingRequest;
import dev.buildman.proto.agent.ResourceUsage;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to the manager. It is dialled when first needed, and again whenever it is gone; a
 * manager that knows only what Quay's knows is as good. Safe for any thread.
 */
public final class ManagerLink implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ManagerLink.class);

  /** For what is under way when the link is closed. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private final ManagedChannel channel;
  private final EventLoopGroup loop;
  private final Time time;
  private final Redial redial;

  private ManagerLink(ManagedChannel channel, EventLoopGroup loop, Duration window, Time time) {
    this.channel = channel;
    this.loop = loop;
    this.time = time;
    this.redial = new Redial(window, time.ticker(), time.sleeper(), time.random());
  }

  /**
   * What an agent says of itself.
   *
   * @param token the registration token; a secret
   * @param version of the agent
   * @param hostname of the worker
   * @param capabilities what the agent can do beyond Quay's
   */
  public record Introduction(
      String token, String version, String hostname, Set<String> capabilities) {
    public Introduction {
      capabilities = Set.copyOf(capabilities);
    }

    @Override
    public String toString() {
      return "Introduction[version=" + version + ", capabilities=" + capabilities + "]";
    }
  }

  /**
   * Makes a link; nothing is dialled yet.
   *
   * @param window how long a call is repeated without an answer
   * @throws IOException when the certificates cannot be read
   */
  public static ManagerLink open(ManagerAddress address, String version, Duration window, Time time)
      throws IOException {
    // Of its own: the one that channels share lives on for a second, and a JVM takes 0.3 s to end
    // while threads wait in system calls.
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("manager", true), NioIoHandler.newFactory());
    try {
      return new ManagerLink(Channels.open(address, version, loop), loop, window, time);
    } catch (IOException | RuntimeException e) {
      end(loop);
      throw e;
    }
  }

  /**
   * Trades the registration token for a build, and begins to beat. Asked again when the answer was
   * lost; the session that was made first is fenced by the later one then.
   *
   * @param usage what each beat tells of the worker; called often, by any thread
   * @throws ManagerException.Refused when there is no build for this token
   * @throws ManagerException.Lost when no manager answered within the window
   */
  public Session register(Introduction introduction, Supplier<ResourceUsage> usage)
      throws ManagerException, InterruptedException {
    BuildJobArgs args =
        BuildJobArgs.newBuilder()
            .setRegisterJwt(introduction.token())
            .setAgentVersion(introduction.version())
            .setHostname(introduction.hostname())
            .addAllCapabilities(introduction.capabilities().stream().sorted().toList())
            .build();
    Moment asked = Moment.now(time.ticker(), time.wallClock());
    greet();
    Calls calls = new Calls(channel, redial);
    BuildPack pack = calls.untilAnswered("RegisterBuildJob", stub -> stub.registerBuildJob(args));
    return Session.begin(
        pack, asked, new Session.Connection(calls, new Streams(channel), redial, time), usage);
  }

  /** Asks who the manager is, for the operator's log only: on the same connection, not awaited. */
  private void greet() {
    BuildManagerGrpc.newStub(channel)
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .ping(PingRequest.getDefaultInstance(), new Greeting());
  }

  /** Lets what is under way end, for at most two seconds. */
  @Override
  public void close() {
    channel.shutdown();
    try {
      if (!channel.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
    end(loop);
  }

  private static void end(EventLoopGroup loop) {
    loop.shutdownGracefully(0, FAREWELL.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(FAREWELL.toMillis());
  }

  private static final class Greeting implements StreamObserver<PingReply> {
    @Override
    public void onNext(PingReply reply) {
      log.info(
          "manager answered: server={}", reply.getServer().isEmpty() ? "?" : reply.getServer());
    }

    @Override
    public void onError(Throwable failure) {
      log.debug("ping failed: failure={}", failure.getMessage());
    }

    @Override
    public void onCompleted() {}
  }
}
