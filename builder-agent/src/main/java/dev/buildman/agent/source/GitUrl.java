package dev.buildman.agent.source;

import dev.buildman.proto.agent.FailureCode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A git address that may be given to git: only http(s) and ssh, nothing that git or ssh could read
 * as an option or as another transport, and no password in it, as command lines can be seen.
 *
 * @param address for git's command line
 * @param scheme {@code http}, {@code https} or {@code ssh}
 * @param host of the server
 * @param user in the address; empty: none
 * @param password in the address; empty: none
 */
record GitUrl(String address, String scheme, String host, String user, String password) {
  private static final String NAME = "[A-Za-z0-9_][A-Za-z0-9_.-]*";
  private static final Pattern SCP =
      Pattern.compile("(" + NAME + ")@(" + NAME + "|\\[[0-9a-fA-F:]+]):(?!:)([^\\p{Cntrl}\\s]+)");
  private static final Pattern USER = Pattern.compile(NAME);

  static GitUrl parse(String url) throws SourceFailure {
    if (url.startsWith("-")) {
      throw refused(url, "begins with a dash");
    }
    Matcher scp = SCP.matcher(url);
    if (scp.matches() && !scp.group(3).startsWith("-")) {
      return new GitUrl(url, "ssh", scp.group(2), scp.group(1), "");
    }
    URI uri = uri(url);
    String scheme = Urls.scheme(uri);
    String host = uri.getHost() == null ? "" : uri.getHost();
    if (host.isEmpty() || host.startsWith("-") || uri.getRawPath().length() < 2) {
      throw refused(url, "names no host and repository");
    }
    String[] login = login(uri);
    return switch (scheme) {
      case "http", "https" -> {
        // User and password go into a file.
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String bare = scheme + "://" + server(uri) + uri.getRawPath() + query;
        yield new GitUrl(bare, scheme, host, login[0], login[1]);
      }
      case "ssh" -> {
        if (!login[0].isEmpty() && !USER.matcher(login[0]).matches()) {
          throw refused(url, "has a user that ssh could misread");
        }
        String at = login[0].isEmpty() ? "" : login[0] + "@";
        yield new GitUrl(
            "ssh://" + at + server(uri) + uri.getRawPath(), scheme, host, login[0], "");
      }
      default -> throw refused(url, "is not http://, https://, ssh:// or user@host:path");
    };
  }

  private static String server(URI uri) {
    return uri.getRawAuthority().replaceFirst("^.*@", "");
  }

  private static URI uri(String url) throws SourceFailure {
    // Git reads "transport::address" as a helper program to start.
    if (url.contains("::") && !url.contains("://")) {
      throw refused(url, "names a transport of its own");
    }
    try {
      return Urls.parse(url);
    } catch (SourceFailure e) {
      throw refused(url, "is not valid");
    }
  }

  private static String[] login(URI uri) {
    String info = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo();
    int colon = info.indexOf(':');
    String user = colon < 0 ? info : info.substring(0, colon);
    String password = colon < 0 ? "" : info.substring(colon + 1);
    return new String[] {decode(user), decode(password)};
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static SourceFailure refused(String url, String why) {
    return new SourceFailure(
        FailureCode.GIT_FAILURE,
        "the git address %s; it was not used: %s".formatted(why, Urls.shown(url)));
  }

  boolean isWeb() {
    return !scheme.equals("ssh");
  }

  /** {@code host} or {@code host:port}. */
  String server() {
    return SCP.matcher(address).matches() ? host : server(URI.create(address));
  }

  /** {@code host} or {@code host:port}, as git compares it for credentials. */
  String authority() {
    return URI.create(address).getRawAuthority();
  }

  @Override
  public String toString() {
    return Urls.shown(address);
  }
}
