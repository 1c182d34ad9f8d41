package dev.buildman.tags;

import dev.buildman.runtime.Ticker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks registries which tags they have. Never fails and never takes long: what is not known in time
 * is not known. A registry that does not answer is left alone for a while. Blocks; for use by any
 * thread.
 */
public final class RegistryTags implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegistryTags.class);

  /** For a whole question: agents wait ten seconds for their answer. */
  static final Duration LIMIT = Duration.ofSeconds(3);

  private static final Duration CONNECT = Duration.ofSeconds(1);
  private static final int MOST_AT_ONCE = 32;
  private static final int FAILURES = 3;
  private static final Duration LEFT_ALONE = Duration.ofSeconds(60);

  private final LookupSettings settings;
  private final Ticker ticker;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final Semaphore free = new Semaphore(MOST_AT_ONCE);
  private final Map<String, CircuitBreaker> circuits = new ConcurrentHashMap<>();

  /** Looks where these settings allow it. */
  public RegistryTags(LookupSettings settings, Ticker ticker) {
    this.settings = settings;
    this.ticker = ticker;
  }

  /** The first of the tags that the registry has. */
  public TagLookup first(TagQuestion question) {
    if (!settings.registries().contains(question.registry())) {
      return new TagLookup.Unknown("no registry of this installation's");
    }
    CircuitBreaker circuit = circuits.computeIfAbsent(question.registry(), RegistryTags::circuit);
    if (!circuit.tryAcquirePermission()) {
      return new TagLookup.Unknown("it failed too often and is left alone for a while");
    }
    if (!free.tryAcquire()) {
      circuit.releasePermission();
      return new TagLookup.Unknown("too many questions at once");
    }
    try {
      TagLookup answer = ask(question);
      circuit.onSuccess(0, TimeUnit.NANOSECONDS);
      return answer;
    } catch (IOException e) {
      circuit.onError(0, TimeUnit.NANOSECONDS, e);
      log.info("tags not looked up: registry={}, cause={}", question.registry(), e.toString());
      return new TagLookup.Unknown(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      circuit.releasePermission();
      Thread.currentThread().interrupt();
      return new TagLookup.Unknown("this manager ends");
    } finally {
      free.release();
    }
  }

  private TagLookup ask(TagQuestion question) throws IOException, InterruptedException {
    boolean insecure = settings.insecure().contains(question.registry());
    ManifestHead head = new ManifestHead(http, question, insecure, ticker, LIMIT);
    for (String tag : question.tags()) {
      if (head.exists(tag)) {
        return new TagLookup.Found(tag);
      }
    }
    return new TagLookup.None();
  }

  private static CircuitBreaker circuit(String registry) {
    return CircuitBreaker.of(
        registry,
        CircuitBreakerConfig.custom()
            .slidingWindowType(SlidingWindowType.COUNT_BASED)
            .slidingWindowSize(FAILURES)
            .minimumNumberOfCalls(FAILURES)
            .failureRateThreshold(100)
            .permittedNumberOfCallsInHalfOpenState(1)
            .waitDurationInOpenState(LEFT_ALONE)
            .maxWaitDurationInHalfOpenState(LIMIT.multipliedBy(2))
            .build());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
