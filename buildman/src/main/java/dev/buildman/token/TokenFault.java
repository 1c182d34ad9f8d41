package dev.buildman.token;

/** Why a token is not taken. An agent is told the sentence and nothing more. */
public enum TokenFault {
  MALFORMED("the token is not one of this manager's form"),
  UNKNOWN_KEY("the token was signed with a key that this manager does not have"),
  FORGED("the token's signature is not valid"),
  FOREIGN("the token was made for another manager"),
  WRONG_KIND("the token is of the wrong kind for this call"),
  EXPIRED("the token has expired");

  private final String sentence;

  TokenFault(String sentence) {
    this.sentence = sentence;
  }

  public String sentence() {
    return sentence;
  }
}
