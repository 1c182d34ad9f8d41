package dev.buildman.seal;

import dev.buildman.proto.stored.StoredSpecOrBuilder;

/**
 * Where a secret stands and where it is sent: what it is sealed to, beside the build. Both are part
 * of the stored format.
 *
 * @param field such as {@code push.password}
 * @param destination the registry or URL that gets the secret; empty where the secret is the URL
 *     itself
 */
record SecretPlace(String field, String destination) {

  static final SecretPlace PACKAGE_URL = new SecretPlace("package_url", "");

  static SecretPlace gitKey(String url) {
    return new SecretPlace("git.private_key", url);
  }

  static SecretPlace gitToken(String url) {
    return new SecretPlace("git.token", url);
  }

  static SecretPlace push(String registry) {
    return new SecretPlace("push.password", registry);
  }

  static SecretPlace pull(String registry) {
    return new SecretPlace("pull." + registry + ".password", registry);
  }

  /** Steps of the source's Dockerfile get it, so it opens for that source only. */
  static SecretPlace buildSecret(String id, StoredSpecOrBuilder spec) {
    return new SecretPlace("secrets." + id, source(spec));
  }

  /** As {@link #buildSecret}. */
  static SecretPlace sshKey(String id, StoredSpecOrBuilder spec) {
    return new SecretPlace("ssh_keys." + id, source(spec));
  }

  private static String source(StoredSpecOrBuilder spec) {
    return switch (spec.getSourceCase()) {
      case PACKAGE -> spec.getPackage().getShownUrl();
      case GIT -> spec.getGit().getUrl() + "#" + spec.getGit().getRef();
      case INLINE_DOCKERFILE -> spec.getInlineDockerfile();
      case UPLOADED_SOURCE -> spec.getUploadedSource();
      case SOURCE_IMAGE -> spec.getSourceImage();
      case SOURCE_NOT_SET -> "";
    };
  }

  String text() {
    return field + " for " + destination;
  }
}
