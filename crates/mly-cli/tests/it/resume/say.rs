//! What the command says of work that is left and gone on with.
