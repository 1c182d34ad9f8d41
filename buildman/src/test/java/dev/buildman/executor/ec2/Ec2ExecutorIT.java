package dev.buildman.executor.ec2;

import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorContract;
import dev.buildman.model.Installation;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract of executors, on a stand-in for EC2. */
class Ec2ExecutorIT extends ExecutorContract {
  @TempDir private Path folder;
  private TestAccount account;

  @Override
  protected void begin() throws IOException {
    account = new TestAccount(folder);
  }

  @Override
  protected void end() {
    account.close();
  }

  @Override
  protected Executor open(Installation installation) {
    return account.open(installation);
  }
}
