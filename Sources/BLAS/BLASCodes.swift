import COpenBLAS

// The C interface's codes, kept inside the module.

@inlinable
package func transposition(_ isTransposed: Bool) -> CBLAS_TRANSPOSE {
  isTransposed ? CblasTrans : CblasNoTrans
}

extension BLASSide {
  var code: CBLAS_SIDE {
    switch self {
    case .left: CblasLeft
    case .right: CblasRight
    }
  }
}

extension BLASTriangle {
  var code: CBLAS_UPLO {
    switch self {
    case .lower: CblasLower
    case .upper: CblasUpper
    }
  }
}
