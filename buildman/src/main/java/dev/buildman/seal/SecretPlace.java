package dev.buildman.seal;

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

  String text() {
    return field + " for " + destination;
  }
}
