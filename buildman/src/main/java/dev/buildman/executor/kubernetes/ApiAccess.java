package dev.buildman.executor.kubernetes;

import dev.buildman.config.ConfigMap;
import dev.buildman.model.Secret;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the API server of a cluster is reached.
 *
 * @param server its URL; empty: as the pod that the manager runs in, else by its user's kubeconfig
 * @param timeout of every single call
 */
record ApiAccess(
    Optional<String> server,
    Optional<Path> ca,
    Optional<Path> certificate,
    Optional<Path> key,
    Secret token,
    boolean verify,
    Duration timeout) {

  /** Quay's default. */
  static final Duration TIMEOUT = Duration.ofSeconds(20);

  private static final Path POD = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
  private static final String POD_SERVER = "https://kubernetes.default.svc";

  static ApiAccess parse(ConfigMap map) {
    Optional<Path> certificate = map.file("K8S_API_TLS_CERT");
    Optional<Path> key = map.file("K8S_API_TLS_KEY");
    if (certificate.isPresent() != key.isPresent()) {
      map.problem("K8S_API_TLS_CERT", "a client certificate needs K8S_API_TLS_KEY, and it this");
    }
    Secret token = map.secret("SERVICE_ACCOUNT_TOKEN").orElse(Secret.NONE);
    boolean secured = !token.isEmpty() || certificate.isPresent();
    return new ApiAccess(
        map.as("K8S_API_SERVER", text -> url(text, secured)),
        map.file("K8S_API_TLS_CA"),
        certificate,
        key,
        token,
        map.flag("VERIFY_TLS", true),
        map.duration("K8S_API_TIMEOUT", TIMEOUT));
  }

  // As Quay's: only with credentials does a bare host mean https.
  private static String url(String text, boolean secured) {
    if (text.startsWith("https://") || text.startsWith("http://")) {
      return text;
    }
    if (text.contains("/") || text.isBlank()) {
      throw new IllegalArgumentException("is no host:port and no http(s) URL");
    }
    return (secured ? "https://" : "http://") + text;
  }

  /** For messages: where the API server is. */
  String where() {
    return server.orElseGet(() -> inPod() ? POD_SERVER : "the server of the kubeconfig");
  }

  /** The client's configuration; repeats nothing by itself, as a launch must not be repeated. */
  Config config() {
    ConfigBuilder builder;
    if (server.isPresent()) {
      builder = new ConfigBuilder(Config.empty()).withMasterUrl(server.get());
    } else if (inPod()) {
      builder =
          new ConfigBuilder(Config.empty())
              .withMasterUrl(POD_SERVER)
              .withCaCertFile(POD.resolve("ca.crt").toString());
    } else {
      builder = new ConfigBuilder();
    }
    ca.ifPresent(file -> builder.withCaCertFile(file.toString()));
    certificate.ifPresent(file -> builder.withClientCertFile(file.toString()));
    key.ifPresent(file -> builder.withClientKeyFile(file.toString()));
    if (!token.isEmpty()) {
      builder.withOauthToken(token.reveal());
    } else if (server.isEmpty() && inPod()) {
      // The kubelet renews the file; a manager outlives each token in it.
      builder.withOauthTokenProvider(new TokenFile(POD.resolve("token")));
    }
    int millis = Math.toIntExact(timeout.toMillis());
    return builder
        .withTrustCerts(!verify)
        .withDisableHostnameVerification(!verify)
        .withConnectionTimeout(millis)
        .withRequestTimeout(millis)
        .withRequestRetryBackoffLimit(0)
        // The same stream, and it passes proxies that know no WebSocket.
        .withOnlyHttpWatches(true)
        .withUserAgent("buildman")
        .build();
  }

  private static boolean inPod() {
    return Files.isReadable(POD.resolve("token"));
  }
}
