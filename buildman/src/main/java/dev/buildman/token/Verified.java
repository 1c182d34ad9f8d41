package dev.buildman.token;

/** The outcome of looking at a token. */
public sealed interface Verified<G extends Grant> {
  /** The signature, audience, kind and age are right. The job in Redis still has the last word. */
  record Valid<G extends Grant>(G grant) implements Verified<G> {}

  /** It proves nothing. */
  record Invalid<G extends Grant>(TokenFault fault) implements Verified<G> {}
}
