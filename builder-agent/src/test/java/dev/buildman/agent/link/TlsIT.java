package dev.buildman.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.config.ManagerAddress.Transport;
import dev.buildman.agent.link.ManagerLink.Introduction;
import dev.buildman.agent.runtime.Time;
import dev.buildman.agent.testing.TestCertificate;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.ResourceUsage;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A manager that shows a certificate. */
final class TlsIT {
  private static final Introduction INTRODUCTION = new Introduction("t", "1", "h", Set.of());

  @TempDir private Path folder;
  private TestCertificate certificate;
  private TestManager manager;

  @BeforeEach
  void start() throws Exception {
    certificate = TestCertificate.in(folder);
    manager =
        new TestManager(
            BuildPack.newBuilder().setJobJwt("job").build(),
            TlsServerCredentials.create(
                certificate.certificate().toFile(), certificate.key().toFile()));
  }

  @AfterEach
  void stop() throws Exception {
    manager.close();
  }

  private ManagerLink link(Transport transport) throws IOException {
    return ManagerLink.open(manager.address(transport), "1", Duration.ofMillis(400), Time.system());
  }

  @Test
  void isSpokenToWhenItsAuthorityIsTrusted() throws Exception {
    try (ManagerLink link = link(new Transport.TrustFile(certificate.certificate()));
        Session session = link.register(INTRODUCTION, ResourceUsage::getDefaultInstance)) {
      assertThat(session.pack().getJobJwt()).isEqualTo("job");
    }
  }

  @Test
  void isNotSpokenToWhenItIsAStranger() throws Exception {
    try (ManagerLink link = link(new Transport.PlatformTrust())) {
      assertThatThrownBy(() -> link.register(INTRODUCTION, ResourceUsage::getDefaultInstance))
          .isInstanceOf(ManagerException.Lost.class);
    }
    assertThat(manager.registrations()).isEmpty();
  }

  @Test
  void aFileWithoutCertificatesIsNamed() throws Exception {
    Path wrong = Files.writeString(folder.resolve("wrong.pem"), "nothing");

    assertThatThrownBy(() -> link(new Transport.TrustFile(wrong)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("wrong.pem");
  }
}
