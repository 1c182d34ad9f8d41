package dev.buildman.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a manager must know of a Redis before it trusts it with builds. */
public final class StartupChecks {
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
  private static final int MAJOR = 6;
  private static final int MINOR = 2;

  private StartupChecks() {}

  /**
   * A fact that matters.
   *
   * @param fatal whether the manager must not start
   * @param sentence what is wrong, what it means, what to do
   */
  public record Finding(boolean fatal, String sentence) {}

  /** Judges the server that has the orchestrator's keys; empty when all is well. */
  public static List<Finding> of(ServerFacts facts) {
    List<Finding> findings = new ArrayList<>();
    if (!supported(facts.version())) {
      findings.add(
          new Finding(
              true,
              "Redis is version "
                  + facts.version()
                  + "; the manager needs 6.2 or later, or Valkey. Upgrade it."));
    }
    if (facts.maxmemoryPolicy().startsWith("allkeys-")) {
      findings.add(
          new Finding(
              true,
              "Redis throws any key away when its memory is full (maxmemory-policy "
                  + facts.maxmemoryPolicy()
                  + "): builds would vanish. Set it to noeviction, or use another Redis."));
    } else if (facts.maxmemoryPolicy().startsWith("volatile-")) {
      findings.add(
          new Finding(
              false,
              "Redis throws expiring keys away when its memory is full (maxmemory-policy "
                  + facts.maxmemoryPolicy()
                  + "): expiry and presence of managers would come too early or late. Better set"
                  + " it to noeviction."));
    }
    if (!facts.appendOnly()) {
      findings.add(
          new Finding(
              false,
              "Redis writes no append-only file: builds that it acknowledged since its last"
                  + " snapshot are lost when it stops. Set appendonly yes."));
    }
    return findings;
  }

  private static boolean supported(String version) {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.matches()) {
      return false;
    }
    int major = Integer.parseInt(matcher.group(1));
    int minor = Integer.parseInt(matcher.group(2));
    return major > MAJOR || (major == MAJOR && minor >= MINOR);
  }
}
