// holds the target's place until its first type
