package dev.buildman.e2e;

import java.io.IOException;

/** A control plane of a chaos run, and what goes wrong there. None of that is a build's fault. */
interface ChaosPlace extends AutoCloseable {

  /** The entry of a configuration's list of executors that leads here. */
  String executor();

  /** Something happens. */
  void change() throws IOException, InterruptedException;

  /** From now on nothing goes wrong, and what was away is back. */
  void calm() throws IOException, InterruptedException;

  /** Fails while something of ours is left; and when something of others' is not. */
  void assertNothingLeft() throws IOException, InterruptedException;

  /** What happened, for people. */
  String told();

  @Override
  void close() throws IOException, InterruptedException;
}
