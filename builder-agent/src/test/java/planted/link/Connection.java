package planted.link;

/** Innocent: what the others reach for. */
public final class Connection {
  private Connection() {}
}
