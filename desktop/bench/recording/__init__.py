"""What ``pingqian bench record`` measures, a module for each subject; what is measured runs in processes of its own."""
