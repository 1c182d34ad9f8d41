package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Causes;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** What an API server's refusal, or its silence, means. */
final class ApiAnswer {
  private ApiAnswer() {}

  /** What a failed request to make a Job came to. */
  static LaunchResult launch(KubernetesClientException e, String where) {
    String words = words(e, where);
    if (isSilence(e)) {
      return sentNothing(e)
          ? new LaunchResult.SurelyNothing(FailureClass.UNREACHABLE, words)
          : new LaunchResult.Unknown(words);
    }
    return switch (e.getCode()) {
      case 403 ->
          isQuota(message(e))
              ? new LaunchResult.SurelyNothing(FailureClass.OVER_QUOTA, words)
              : refused(words);
      case 429 -> new LaunchResult.SurelyNothing(FailureClass.THROTTLED, words);
      case 400, 401, 404, 405, 406, 409, 410, 413, 415, 422 -> refused(words);
      // A server that failed in the middle may have written the Job before.
      default -> new LaunchResult.Unknown(words);
    };
  }

  private static LaunchResult refused(String words) {
    return new LaunchResult.SurelyNothing(FailureClass.REFUSED, words);
  }

  /** For people: the server's own words where it had some. */
  static String words(KubernetesClientException e, String where) {
    if (isSilence(e)) {
      Throwable cause = Causes.root(e);
      String trouble =
          cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
      String cure =
          isCertificate(e)
              ? "check K8S_API_TLS_CA, and the name in K8S_API_SERVER"
              : "check that it is up, and K8S_API_SERVER";
      return Causes.cut("%s did not answer: %s".formatted(where, trouble)) + "; " + cure;
    }
    return Causes.cut("%s answered %d: %s".formatted(where, e.getCode(), message(e))) + cure(e);
  }

  private static String cure(KubernetesClientException e) {
    return switch (e.getCode()) {
      case 401 -> "; give SERVICE_ACCOUNT_TOKEN or a client certificate anew";
      case 404 ->
          message(e).startsWith("namespaces ")
              ? "; make the namespace, or set BUILDER_NAMESPACE"
              : "";
      default -> "";
    };
  }

  // The library gives no status where there was no answer.
  private static boolean isSilence(KubernetesClientException e) {
    return e.getCode() <= 0;
  }

  private static String message(KubernetesClientException e) {
    String told = Optional.ofNullable(e.getStatus()).map(Status::getMessage).orElse(e.getMessage());
    return told == null ? "" : told.strip();
  }

  /** Whether somebody's words speak of a quota that is used up. */
  static boolean isQuota(String words) {
    return words.contains("exceeded quota");
  }

  /** Whether the request surely never reached a server: no connection stood. */
  private static boolean sentNothing(Throwable e) {
    return isCertificate(e)
        || Causes.any(
            e,
            t ->
                t instanceof ConnectException
                    || t instanceof UnknownHostException
                    || t instanceof NoRouteToHostException);
  }

  private static boolean isCertificate(Throwable e) {
    return Causes.any(
        e,
        t ->
            t instanceof SSLHandshakeException
                || t instanceof SSLPeerUnverifiedException
                || t instanceof CertificateException);
  }
}
