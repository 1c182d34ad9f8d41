package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Installation;
import dev.buildman.testing.kubernetes.Faults.Fault;
import dev.buildman.testing.tls.TestCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each thing that keeps an executor from working is named at the start, with its cure. */
class StartCheckIT {
  @TempDir private Path folder;
  private TestCluster cluster;

  @BeforeEach
  void open() throws IOException {
    cluster = new TestCluster(folder);
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private static List<String> findings(KubernetesSettings settings) {
    try (Cluster calls = new Cluster(settings.access(), settings.namespace())) {
      JobManifest manifest =
          new JobManifest(
              settings,
              new WorkerLabels(new ExecutorName("cluster"), new Installation("inst", "state")));
      return new StartCheck(calls, settings, settings.worker(), manifest).findings();
    }
  }

  @Test
  void aClusterThatTakesWorkersHasNothingSaidOfItAndGetsNone() {
    assertThat(findings(cluster.agents(""))).isEmpty();
    assertThat(findings(cluster.machines("AGENT: ours\n"))).isEmpty();
    assertThat(cluster.store.list("jobs", Map.of())).isEmpty();
  }

  @Test
  void missingRightsAreNamedAllAtOnce() {
    cluster.server.deny("create secrets");
    cluster.server.deny("watch pods");
    cluster.server.deny("delete pods");

    assertThat(findings(cluster.agents("")))
        .singleElement()
        .asString()
        .contains("builder", "create secrets", "watch pods", "delete pods", "Role")
        .doesNotContain("jobs.batch");
  }

  @Test
  void anExpiredTokenIsNamed() {
    cluster.server.demand("another");

    String lines =
        "SERVICE_ACCOUNT_TOKEN: old\nK8S_API_SERVER: http://" + cluster.server.address() + "\n";
    assertThat(findings(TestCluster.read(lines)))
        .singleElement()
        .asString()
        .contains("answered 401", "Unauthorized", "SERVICE_ACCOUNT_TOKEN");
  }

  @Test
  void aNamespaceThatDoesNotExistIsNamed() {
    cluster.server.without("nowhere");

    assertThat(findings(cluster.agents("BUILDER_NAMESPACE: nowhere\n")))
        .singleElement()
        .asString()
        .contains("answered 404", "namespaces \"nowhere\" not found", "BUILDER_NAMESPACE");
  }

  @Test
  void aServerThatIsNotThereIsNamed() {
    assertThat(findings(TestCluster.read("K8S_API_SERVER: 127.0.0.1:1\n")))
        .singleElement()
        .asString()
        .contains("127.0.0.1:1", "did not answer", "K8S_API_SERVER");
  }

  @Test
  void aJobThatTheClusterDoesNotTakeIsToldInItsWords() {
    cluster.server.next("POST jobs", Fault.refuse(422, "Job.batch \"x\" is invalid: spec: bad"));
    assertThat(findings(cluster.agents("")))
        .singleElement()
        .asString()
        .contains("refuses workers", "answered 422", "spec: bad");

    // A quota that is used up is for the builds to wait for.
    cluster.server.next("POST jobs", Fault.refuse(403, "exceeded quota: q, used: 9"));
    assertThat(findings(cluster.agents(""))).isEmpty();
  }

  @Test
  void anAuthorityThatDoesNotMatchIsNamed() throws Exception {
    TestCertificate servers = TestCertificate.in(Files.createDirectory(folder.resolve("servers")));
    TestCertificate others = TestCertificate.in(Files.createDirectory(folder.resolve("others")));
    HttpsServer https =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(tls(servers.certificate().getParent())));
    https.start();
    try {
      String lines =
          "K8S_API_SERVER: https://127.0.0.1:%d\nK8S_API_TLS_CA: %s\n"
              .formatted(https.getAddress().getPort(), others.certificate());
      assertThat(findings(TestCluster.read(lines)))
          .singleElement()
          .asString()
          .contains("did not answer", "K8S_API_TLS_CA");
    } finally {
      https.stop(0);
    }
  }

  private static SSLContext tls(Path folder) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    char[] password = "changeit".toCharArray();
    try (InputStream in = Files.newInputStream(folder.resolve("store.p12"))) {
      store.load(in, password);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }
}
