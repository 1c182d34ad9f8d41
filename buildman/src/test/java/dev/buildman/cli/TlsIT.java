package dev.buildman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.cli.CliRun.Ran;
import dev.buildman.edge.client.ClientListenerSettings;
import dev.buildman.testing.clients.TestClients;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.testing.tls.TestCertificate;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
class TlsIT {

  @TempDir Path folder;
  private TestCertificate certificate;
  private TestClients clients;

  @BeforeEach
  void start(TestRedis redis) throws Exception {
    certificate = TestCertificate.in(folder);
    ClientListenerSettings.Tls tls =
        new ClientListenerSettings.Tls(certificate.certificate(), certificate.key());
    clients =
        new TestClients(new TestOrchestrator(redis), folder.resolve("sources"), Optional.of(tls));
  }

  @AfterEach
  void stop() {
    clients.close();
  }

  @Test
  void aTrustedManagerAnswersOverTls() {
    Ran ran =
        new CliRun()
            .server("https://" + clients.address())
            .with("BUILDMAN_CA_CERT", certificate.certificate().toString())
            .run("status");
    assertThat(ran.status()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("workers");
  }

  @Test
  void aManagerThatIsNotTrustedIsOneLineAndStatusFour() {
    Ran ran = new CliRun().server("https://" + clients.address()).run("status");
    assertThat(ran.status()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(ran.err()).contains("certification path").doesNotContain("\tat ");
    assertThat(ran.err().lines()).hasSize(1);
  }
}
