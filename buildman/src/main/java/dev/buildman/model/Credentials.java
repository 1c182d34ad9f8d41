package dev.buildman.model;

/** A user name and its password at one registry. */
public record Credentials(String username, Secret password) {
  /** Nobody: anonymous. */
  public static final Credentials NONE = new Credentials("", Secret.NONE);

  public boolean isEmpty() {
    return username.isEmpty() && password.isEmpty();
  }
}
