package dev.buildman.seal;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * The part of a package URL that is no secret: signatures stand in the query, passwords before the
 * host.
 */
final class ShownUrl {

  private ShownUrl() {}

  static String of(String url) {
    if (url.regionMatches(true, 0, "data:", 0, 5)) {
      int end = url.indexOf(',');
      return end < 0 || end > 100 ? "data:" : url.substring(0, end);
    }
    try {
      URI uri = new URI(url);
      String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
      return "%s://%s%s%s"
          .formatted(
              uri.getScheme(),
              uri.getHost(),
              port,
              uri.getRawPath() == null ? "" : uri.getRawPath());
    } catch (URISyntaxException e) {
      return "";
    }
  }
}
