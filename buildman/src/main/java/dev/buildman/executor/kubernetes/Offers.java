package dev.buildman.executor.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.VersionInfo;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a cluster can do, as its version tells; asked once. */
final class Offers {
  private static final Logger log = LoggerFactory.getLogger(Offers.class);

  // User namespaces of pods are on by default since 1.33.
  private static final int USER_NAMESPACES = 33;

  private final Cluster cluster;
  private final Lock asking = new ReentrantLock();
  private volatile @Nullable Boolean userNamespaces;

  Offers(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Whether pods can have users of their own; false while the version is not known. */
  boolean userNamespaces() {
    Boolean known = userNamespaces;
    if (known != null) {
      return known;
    }
    // The first workers are launched side by side, and all want to know.
    asking.lock();
    try {
      return ask();
    } finally {
      asking.unlock();
    }
  }

  private boolean ask() {
    Boolean known = userNamespaces;
    if (known != null) {
      return known;
    }
    try {
      VersionInfo version = cluster.version();
      boolean offered = version != null && minor(version) >= USER_NAMESPACES;
      userNamespaces = offered;
      return offered;
    } catch (KubernetesClientException e) {
      log.debug("version of the cluster not known: cause={}", e.toString());
      return false;
    }
  }

  private static int minor(VersionInfo version) {
    String digits = String.valueOf(version.getMinor()).replaceAll("\\D.*", "");
    boolean first = "1".equals(version.getMajor());
    return digits.isEmpty() || !first ? 0 : Integer.parseInt(digits);
  }
}
