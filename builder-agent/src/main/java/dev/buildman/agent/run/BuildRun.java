package dev.buildman.agent.run;

import dev.buildman.agent.link.LogLines;
import dev.buildman.agent.link.ManagerException;
import dev.buildman.agent.link.ManagerLink;
import dev.buildman.agent.link.ManagerLink.Introduction;
import dev.buildman.agent.link.Session;
import dev.buildman.agent.link.SessionEnd;
import dev.buildman.agent.logship.LogShipper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.usage.Usage;
import dev.buildman.agent.usage.UsageMeter;
import dev.buildman.proto.agent.BuildResult;
import dev.buildman.proto.agent.FailureCode;
import dev.buildman.proto.agent.ResourceUsage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent's life: register, take the {@link BuildSteps steps}, report. The end of the session
 * stops a build in any step; a build that is stopped reports nothing, as the manager knows.
 */
public final class BuildRun {
  private static final Logger log = LoggerFactory.getLogger(BuildRun.class);

  private final ManagerLink link;
  private final Introduction introduction;
  private final Supplier<Toolbox> toolbox;
  private final Ticker ticker;
  private final Termination termination;
  private final UsageMeter usage;

  /**
   * @param toolbox made once the agent is registered, which must be quick
   * @param termination of this run
   * @param usage of this worker
   */
  public BuildRun(
      ManagerLink link,
      Introduction introduction,
      Supplier<Toolbox> toolbox,
      Ticker ticker,
      Termination termination,
      UsageMeter usage) {
    this.link = link;
    this.introduction = introduction;
    this.toolbox = toolbox;
    this.ticker = ticker;
    this.termination = termination;
    this.usage = usage;
  }

  /**
   * Runs one build on this thread. A {@link Termination} ends it within seconds with {@link
   * Outcome#TERMINATED}.
   */
  public Outcome run() {
    try (Session session = link.register(introduction, () -> wire(usage.read()))) {
      log.info(
          "registered: build={}, attempt={}",
          session.pack().getBuildId(),
          session.pack().getAttempt());
      return build(session);
    } catch (ManagerException e) {
      log.error("not registered: failure={}", e.getMessage());
      return e instanceof ManagerException.Lost ? Outcome.MANAGER_LOST : Outcome.NOT_REGISTERED;
    } catch (InterruptedException e) {
      return Outcome.TERMINATED;
    }
  }

  private Outcome build(Session session) {
    try (LogShipper lines =
            LogShipper.start(
                new ManagersLog(session.logLines()),
                session.logLines().batchLimit(),
                PackSecrets.of(session.pack(), introduction.token()),
                ticker);
        Stopper stopper = Stopper.watch(session.lease(), Thread.currentThread())) {
      Outcome outcome = attempt(session, lines, stopper);
      log.info("build ended: build={}, outcome={}", session.pack().getBuildId(), outcome);
      return outcome;
    }
  }

  private Outcome attempt(Session session, LogShipper lines, Stopper stopper) {
    try {
      report(session, lines, steps(session, lines));
      return Outcome.COMPLETE;
    } catch (BuildFailure e) {
      return failed(session, lines, stopper, e);
    } catch (ManagerException e) {
      return over(session, e);
    } catch (InterruptedException e) {
      return stopped(session, lines, stopper);
    }
  }

  private BuildResult steps(Session session, LogShipper lines)
      throws BuildFailure, ManagerException, InterruptedException {
    try (Toolbox tools = toolbox.get();
        Workspace workspace = Workspace.create(tools.workDirectory(), tools.keepWork())) {
      return new BuildSteps(session, lines, tools, workspace).run();
    } catch (IOException e) {
      throw new BuildFailure(FailureCode.INTERNAL_ERROR, "the worker's disk: " + e);
    } catch (RuntimeException e) {
      log.error("the agent failed", e);
      throw new BuildFailure(FailureCode.INTERNAL_ERROR, "the agent failed: " + e);
    }
  }

  private void report(Session session, LogShipper lines, BuildResult result)
      throws ManagerException, InterruptedException {
    lines.flush();
    session.phases().complete(result.toBuilder().setPeak(wire(usage.peak())).build());
  }

  private Outcome failed(Session session, LogShipper lines, Stopper stopper, BuildFailure failure) {
    if (session.lease().ended().isPresent() || termination.requested()) {
      // What looks like a failure is the end of the session, or of the worker.
      return stopped(session, lines, stopper);
    }
    log.info(
        "build failed: code={}, message={}",
        failure.code(),
        lines.masked(String.valueOf(failure.getMessage())));
    try {
      FailureReport report = new FailureReport(failure, lines.lastLines());
      report.lines().forEach(lines::line);
      lines.flush();
      session.phases().failed(report.toWire(lines::masked));
      return Outcome.FAILED;
    } catch (ManagerException e) {
      return over(session, e);
    } catch (InterruptedException e) {
      return stopped(session, lines, stopper);
    }
  }

  /** The thread was interrupted: by the end of the session, or because the worker has to go. */
  private static Outcome stopped(Session session, LogShipper lines, Stopper stopper) {
    stopper.close();
    if (Thread.interrupted()) {
      log.debug("interrupt was kept for later");
    }
    Optional<SessionEnd> end = session.lease().ended();
    if (end.isEmpty()) {
      lines.line("The worker was told to end.");
      return Outcome.TERMINATED;
    }
    return over(
        session,
        end.get().message(),
        end.get().kind() == SessionEnd.Kind.MANAGER_LOST ? Outcome.MANAGER_LOST : Outcome.STOPPED);
  }

  private static Outcome over(Session session, ManagerException end) {
    boolean lost = end instanceof ManagerException.Lost;
    return over(
        session, String.valueOf(end.getMessage()), lost ? Outcome.MANAGER_LOST : Outcome.STOPPED);
  }

  private static Outcome over(Session session, String why, Outcome outcome) {
    log.warn("build stopped: build={}, why={}", session.pack().getBuildId(), why);
    return outcome;
  }

  private static ResourceUsage wire(Usage usage) {
    return ResourceUsage.newBuilder()
        .setCpuMillis(usage.cpuMillis())
        .setMemoryBytes(usage.memoryBytes())
        .setDiskBytes(usage.diskBytes())
        .build();
  }

  /** The manager as the place where lines go; the shipper's thread is the one that talks to it. */
  private record ManagersLog(LogLines lines) implements LogShipper.Sink {
    @Override
    public void send(List<String> batch) throws ManagerException, InterruptedException {
      lines.send(batch);
    }

    @Override
    public void close() {
      lines.close();
    }
  }
}
