package dev.buildman.orchestrator.job;

import dev.buildman.model.RepositoryName;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.SealedSpec;
import java.time.Duration;
import java.util.Optional;

/**
 * A session. Before the spec is handed out the session must be raised in the build's log too.
 *
 * @param current whether it is still the job's: a repeated command may find that a later one fenced
 *     it
 * @param timeLeft until the client's time limit ends the build; a span, as managers share no clock
 */
public record Registered(
    SessionRef session,
    boolean current,
    RepositoryName repository,
    SealedSpec spec,
    Optional<Duration> timeLeft) {}
