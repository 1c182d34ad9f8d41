package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorContract;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.tools.SkippedTests;
import java.util.Optional;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The same contract on a real account or an emulator: that of {@code AWS_REGION} and the default
 * chain of credentials, when {@code -Dbuildman.ec2=INSTANCE_TYPE} says that instances may be
 * launched there; {@code -Dbuildman.ec2.image} is an image with a shell whose entry runs {@code
 * $TEST_AGENT}. {@code -Dbuildman.ec2.more} are further lines of the executor's settings, apart by
 * semicolons: a subnet, an endpoint, {@code COREOS_AMI}. Instances take minutes to boot and to end:
 * {@code -Dbuildman.contract.seconds=400}. Each test launches one or two instances, and all of them
 * end them; what a test run leaves behind has the tag {@code buildman.dev/installation}
 * 0123456789ab.
 */
@EnabledIf(
    value = "isWanted",
    disabledReason =
        "no account: set AWS_REGION, credentials, -Dbuildman.ec2=INSTANCE_TYPE and"
            + " -Dbuildman.ec2.image=IMAGE")
class RealAccountIT extends ExecutorContract {
  private static final String TYPE = System.getProperty("buildman.ec2", "");
  private static final String IMAGE = System.getProperty("buildman.ec2.image", "");
  private static final String MORE = System.getProperty("buildman.ec2.more", "");

  static boolean isWanted() {
    boolean wanted = !TYPE.isEmpty();
    if (!wanted) {
      SkippedTests.add("RealAccountIT", "needs an account of EC2: see its comment");
    }
    if (wanted && (System.getenv("AWS_REGION") == null || IMAGE.isEmpty())) {
      throw new IllegalStateException("-Dbuildman.ec2 needs AWS_REGION and -Dbuildman.ec2.image");
    }
    return wanted;
  }

  @Override
  protected Executor open(Installation installation) {
    String lines =
        """
        EC2_REGION: %s
        EC2_INSTANCE_TYPE: %s
        WORKER_IMAGE: %s
        AGENT: ours
        BLOCK_DEVICE_SIZE: 12
        """
            .formatted(Optional.ofNullable(System.getenv("AWS_REGION")).orElseThrow(), TYPE, IMAGE);
    Ec2Executor executor =
        new Ec2Executor(
            TestAccount.read(lines + MORE.replace(';', '\n') + "\n"),
            installation,
            Ticker.system());
    assertThat(executor.check()).allMatch(finding -> finding.contains("first worker"));
    return executor;
  }
}
