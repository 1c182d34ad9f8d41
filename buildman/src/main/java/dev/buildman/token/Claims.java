package dev.buildman.token;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.Nonce;
import dev.buildman.model.SessionRef;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The claims of a token, written and read: Quay's own, and ours beside them in its context. */
final class Claims {
  /** The subject of every build token, as Quay's. */
  static final String SUBJECT = "(anonymous)";

  private static final String CONTEXT = "context";
  private static final String REGISTRATION = "build_job_registration";
  private static final String JOB = "build_job_token";

  private Claims() {}

  static JWTClaimsSet of(Grant grant, TokenSettings settings, Instant now, Duration life) {
    return new JWTClaimsSet.Builder()
        .issuer(settings.issuer())
        .audience(settings.audience())
        .subject(SUBJECT)
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plus(life)))
        .claim(CONTEXT, context(grant, life))
        .build();
  }

  private static Map<String, Object> context(Grant grant, Duration life) {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("token_type", grant instanceof Grant.Job ? JOB : REGISTRATION);
    context.put("build_id", grant.build().value());
    context.put("job_id", "building/" + grant.build());
    context.put("expiration", life.toSeconds());
    context.put("executor", grant.executor().value());
    switch (grant) {
      case Grant.Registration(JobRef job, _) -> {
        context.put("attempt", job.attempt().number());
        context.put("nonce", job.nonce().toString());
      }
      case Grant.Job(SessionRef session, _, AgentKind agent) -> {
        context.put("attempt", session.attempt().number());
        context.put("session", session.session());
        context.put("nonce", session.nonce().toString());
        context.put("agent", agent.word());
      }
    }
    return context;
  }

  /**
   * The grant in verified claims.
   *
   * @throws ParseException when a claim is missing or of another type
   * @throws IllegalArgumentException when a claim's value is not valid
   */
  static Grant grant(JWTClaimsSet claims) throws ParseException {
    Map<String, Object> context = claims.getJSONObjectClaim(CONTEXT);
    if (context == null) {
      throw new ParseException("no context", 0);
    }
    var attempt = new AttemptId(new BuildId(text(context, "build_id")), number(context, "attempt"));
    var nonce = Nonce.parse(text(context, "nonce"));
    var executor = new ExecutorName(text(context, "executor"));
    return switch (text(context, "token_type")) {
      case REGISTRATION -> new Grant.Registration(new JobRef(attempt, nonce), executor);
      case JOB ->
          new Grant.Job(
              new SessionRef(attempt, number(context, "session"), nonce),
              executor,
              AgentKind.ofWord(text(context, "agent")));
      default -> throw new ParseException("unknown token_type", 0);
    };
  }

  private static String text(Map<String, Object> context, String name) throws ParseException {
    if (value(context, name) instanceof String text) {
      return text;
    }
    throw new ParseException("no text in " + name, 0);
  }

  private static int number(Map<String, Object> context, String name) throws ParseException {
    if (value(context, name) instanceof Number number) {
      return Math.toIntExact(number.longValue());
    }
    throw new ParseException("no number in " + name, 0);
  }

  private static @Nullable Object value(Map<String, Object> context, String name) {
    return context.get(name);
  }
}
