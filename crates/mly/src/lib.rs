//! Mapillary: complete, fast, Arrow-native access to its images, sequences, map features and signs
