package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Executor;
import dev.buildman.executor.FailureClass;
import dev.buildman.testing.ec2.FakeEc2;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** Keys that are not in the configuration: from wherever the provider's own programs take them. */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class Ec2CredentialsIT extends Ec2Fixture {
  private static final String KEY = "aws.accessKeyId";
  private static final String SECRET = "aws.secretAccessKey";
  // As an operator's file has them who left a template's lines where they were.
  private static final String[] EMPTY = {"AWS_ACCESS_KEY: \"\"", "AWS_SECRET_KEY: \"\""};

  private final Map<String, @Nullable String> before = new HashMap<>();

  @BeforeEach
  void nothingOfThisMachine() {
    Assumptions.assumeTrue(
        System.getenv("AWS_ACCESS_KEY_ID") == null, "this machine's environment has keys");
    set("aws.disableEc2Metadata", "true");
    for (String file : List.of("aws.sharedCredentialsFile", "aws.configFile")) {
      set(file, "/nonexistent");
    }
  }

  @AfterEach
  void asItWas() {
    before.forEach(
        (name, value) -> {
          if (value == null) {
            System.clearProperty(name);
          } else {
            System.setProperty(name, value);
          }
        });
  }

  private void set(String name, String value) {
    before.putIfAbsent(name, System.getProperty(name));
    System.setProperty(name, value);
  }

  @Test
  void emptyKeysLeaveTheProvidersOwnChainAtWorkE18() {
    set(KEY, FakeEc2.ACCESS_KEY);
    set(SECRET, FakeEc2.SECRET_KEY);
    try (Executor executor = account.open(Requests.OURS, EMPTY)) {
      started(executor, request());
      assertThat(launched()).hasSize(1);
    }
  }

  @Test
  void whereThereAreNoneThatIsSaidAtTheStartWithItsCure() {
    try (Executor executor = account.unchecked(Requests.OURS, EMPTY)) {
      assertThat(executor.check())
          .singleElement()
          .asString()
          .contains(
              "EC2 in us-east-1", "there are no credentials", "AWS_ACCESS_KEY", "instance role");
      await()
          .untilAsserted(
              () ->
                  assertNothing(
                      executor.start(request()), FailureClass.REFUSED, "there are no credentials"));
    }
  }
}
