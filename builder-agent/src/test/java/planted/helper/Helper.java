package planted.helper;

/** In a package that the table does not have. */
public final class Helper {
  private Helper() {}
}
