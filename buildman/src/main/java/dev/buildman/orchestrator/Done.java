package dev.buildman.orchestrator;

/** The value of a transition that has nothing to tell. */
public enum Done {
  DONE
}
