package dev.buildman.testing.tools;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/**
 * How long tests wait for what must come, where they do not say it: long, as the machine may be
 * busy with other tests, and what comes ends the wait at once. What must come soon says how soon.
 */
public final class PatientWaits implements TestExecutionListener {
  private static final Duration LIMIT = Duration.ofSeconds(40);

  @Override
  public void testPlanExecutionStarted(TestPlan plan) {
    Awaitility.setDefaultTimeout(LIMIT);
  }
}
