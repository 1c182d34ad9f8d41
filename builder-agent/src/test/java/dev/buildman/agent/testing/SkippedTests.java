package dev.buildman.agent.testing;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/** What was skipped, and why: printed when the run ends, so that no skip is silent. */
public final class SkippedTests implements TestExecutionListener {
  private static final Map<String, Set<String>> SKIPPED = new TreeMap<>();

  /** Whether a skip must be a failure: {@code -Dbuildman.skips=forbidden}. */
  public static boolean areForbidden() {
    return System.getProperty("buildman.skips", "").equals("forbidden");
  }

  /** Remembers a skip. */
  public static synchronized void add(String test, String why) {
    SKIPPED.computeIfAbsent(why, _ -> new TreeSet<>()).add(test);
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    synchronized (SkippedTests.class) {
      if (SKIPPED.isEmpty()) {
        return;
      }
      StringBuilder text = new StringBuilder("\nSkipped tests:\n");
      SKIPPED.forEach(
          (why, tests) -> text.append("  ").append(why).append(": ").append(tests).append('\n'));
      System.out.print(text);
      SKIPPED.clear();
    }
  }
}
