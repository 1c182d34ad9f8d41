package dev.buildman.session;

import dev.buildman.buildlogs.LogWriter;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildResult;
import dev.buildman.model.Capability;
import dev.buildman.model.Ending;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.job.FinishPhase;
import dev.buildman.orchestrator.job.Register;
import dev.buildman.orchestrator.job.Registered;
import dev.buildman.orchestrator.job.Registration;
import dev.buildman.orchestrator.job.SetPhase;
import dev.buildman.seal.Opened;
import dev.buildman.token.Grant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trades a registration token for a session and its work. */
public final class Registrations {
  private static final Logger log = LoggerFactory.getLogger(Registrations.class);

  private final Transitions transitions;
  private final LogWriter logs;
  private final StoredBuilds builds;
  private final WorkOrders orders;
  private final Patience patience;
  private final SessionSettings settings;

  /**
   * @param successor the executor to go on from when an agent cannot do what its build needs;
   *     empty: the chain ends
   */
  public record Transitions(
      Register register,
      FinishPhase finish,
      Function<ExecutorName, Optional<ExecutorName>> successor) {}

  public Registrations(
      Transitions transitions,
      LogWriter logs,
      StoredBuilds builds,
      WorkOrders orders,
      Patience patience,
      SessionSettings settings) {
    this.transitions = transitions;
    this.logs = logs;
    this.builds = builds;
    this.orders = orders;
    this.patience = patience;
    this.settings = settings;
  }

  /**
   * Makes a session, which fences every earlier one of the build. Blocks; an agent whose answer was
   * lost calls again.
   *
   * @throws StoreAway when Redis was away for too long
   */
  public RegistrationAnswer register(Grant.Registration grant, AgentHello agent) {
    // Made once for this call: a repeat of the command is known by it, so that a late copy of it
    // cannot make a session that nobody has and fence the good one.
    String callId = UUID.randomUUID().toString();
    var registration =
        new Registration(
            grant.job(),
            grant.executor(),
            callId,
            new Registration.Agent(agent.version(), agent.capabilities()),
            settings.manager(),
            transitions.successor().apply(grant.executor()),
            needs(grant.build()));
    Result<Registered> result = patience.hold(() -> transitions.register().run(registration));
    return switch (result) {
      case Result.Applied<Registered>(Registered registered) -> accept(grant, agent, registered);
      case Result.AlreadyThere<Registered>(Registered registered) when registered.current() ->
          accept(grant, agent, registered);
      case Result.AlreadyThere<Registered> _ ->
          refused(grant, Refusal.FENCED.name(), "a later registration has the build");
      case Result.Refused<Registered>(Refusal refusal, String detail) ->
          refused(grant, refusal.name(), sentence(refusal, detail));
    };
  }

  /**
   * What the order will ask for. The build's own needs are judged by the script in any case; only
   * this manager knows what it adds to them, and its file may differ from the one that enqueued.
   */
  private Set<String> needs(BuildId build) {
    if (!orders.addsToBuilds()) {
      return Set.of();
    }
    return patience.hold(() -> builds.shown(build)).map(orders::needs).orElse(Set.of()).stream()
        .map(Capability::word)
        .collect(Collectors.toUnmodifiableSet());
  }

  private RegistrationAnswer accept(
      Grant.Registration grant, AgentHello agent, Registered registered) {
    if (!patience.hold(() -> logs.raise(registered.session()))) {
      return refused(grant, Refusal.FENCED.name(), "a later registration has the build");
    }
    Opened opened = builds.open(grant.build(), registered.spec());
    return switch (opened) {
      case Opened.Whole(var spec) -> {
        log.info(
            "agent registered: build={}, attempt={}, session={}, agent={}, host={}",
            grant.build(),
            grant.job().attempt().number(),
            registered.session().session(),
            agent.version().isEmpty() ? "quay-builder" : agent.version(),
            agent.hostname());
        yield new RegistrationAnswer.Accepted(orders.order(grant, agent, registered, spec));
      }
      case Opened.SecretGone(String field) -> unbuildable(grant, registered, field);
      case Opened.Broken() -> unbuildable(grant, registered, "spec");
    };
  }

  /** Ends the build: no later attempt could open what this one could not. */
  private RegistrationAnswer unbuildable(
      Grant.Registration grant, Registered registered, String field) {
    String sentence =
        "The stored "
            + field
            + " can no longer be opened: its SECRET_KEY is no longer configured. Add the old key"
            + " to SECRET_KEYS, or enqueue the build again.";
    var note = new EndNote(Ending.USER_FAILURE, Reason.SECRETS_GONE, sentence);
    var step = new SetPhase.Step(registered.session(), 0, settings.manager());
    patience.hold(() -> transitions.finish().run(step, note, BuildResult.UNKNOWN));
    return refused(grant, Reason.SECRETS_GONE.code(), sentence);
  }

  private static RegistrationAnswer refused(
      Grant.Registration grant, String reason, String sentence) {
    log.info(
        "registration refused: build={}, attempt={}, reason={}, why={}",
        grant.build(),
        grant.job().attempt().number(),
        reason,
        sentence);
    return new RegistrationAnswer.Refused(reason, sentence);
  }

  private static String sentence(Refusal refusal, String detail) {
    return switch (refusal) {
      case ENDED ->
          detail.isEmpty() ? "this attempt has ended" : "this attempt has ended: " + detail;
      case TOKEN_SPENT -> "the registration token was used: its agent is at work already";
      case AGENT_LACKS_CAPABILITY -> "the build needs what this agent cannot do: " + detail;
      default -> "the attempt cannot be registered now" + (detail.isEmpty() ? "" : ": " + detail);
    };
  }
}
