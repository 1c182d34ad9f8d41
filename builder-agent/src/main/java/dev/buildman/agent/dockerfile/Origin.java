package dev.buildman.agent.dockerfile;

/** Where the files of a FROM or of a {@code --from} come from. */
public sealed interface Origin {

  /** Nothing: {@code FROM scratch}. */
  record Scratch() implements Origin {}

  /** A stage of the same file. */
  record OfStage(Stage stage) implements Origin {}

  /** An image of a registry; the reference as written, variables replaced. */
  record OfImage(String reference) implements Origin {}
}
