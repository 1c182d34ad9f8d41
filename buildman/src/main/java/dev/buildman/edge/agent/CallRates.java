package dev.buildman.edge.agent;

import dev.buildman.model.BuildId;
import dev.buildman.runtime.Ticker;
import java.util.LinkedHashMap;
import java.util.Map;

/** Bounds the unary calls of each build. Remembers the builds that called last. Thread-safe. */
final class CallRates {
  private static final int REMEMBERED = 20_000;

  private final Allowance.Rate rate;
  private final Ticker ticker;
  private final Map<BuildId, Allowance> allowances =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<BuildId, Allowance> eldest) {
          return size() > REMEMBERED;
        }
      };

  CallRates(Allowance.Rate rate, Ticker ticker) {
    this.rate = rate;
    this.ticker = ticker;
  }

  /** Whether this build may call once more now. */
  boolean allows(BuildId build) {
    synchronized (allowances) {
      return allowances.computeIfAbsent(build, id -> new Allowance(rate, ticker)).take();
    }
  }
}
