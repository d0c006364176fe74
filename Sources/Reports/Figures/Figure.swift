/// A picture to be drawn by gnuplot.
struct Figure {
  /// Caption.
  let title: String
  /// What can be seen, for people who cannot: the text that is read aloud.
  let description: String
  /// Commands and data of gnuplot; the terminal is set already.
  let script: String
  /// Size in the units of the picture, one being a pixel where the picture is not scaled.
  var width = 560
  var height = 380
  /// Takes a row of the page for itself.
  var isWide = false
}
