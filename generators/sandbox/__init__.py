"""The mock backend: any inferred world, executable."""
